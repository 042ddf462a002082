"""Finds and reads the YAML or JSON file that describes the page beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sensemake.indexers._metadata import is_about_a_page
from sensemake.indexers.formats import registry, yaml_text
from sensemake.indexers.formats.content import Fields

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_LARGEST = 1 << 17
_INDEX = frozenset({"readme", "index"})


def of_folder(files: Sequence[Path]) -> dict[Path, Path]:
    """Pages of one folder and their sidecars: `NAME.yaml` beside `NAME.md`, or the only one beside the only page.

    A README counts as the only page. A file that says nothing of a page is no sidecar.
    """
    candidates = [file for file in files if file.suffix.lower() in _SUFFIXES]
    if not candidates:
        return {}
    pages = [file for file in files if registry.knows(file.name) and file not in candidates]
    stems = {page.stem: page for page in reversed(pages)}
    found = {stems[side.stem]: side for side in candidates if side.stem in stems}
    if not found and len(candidates) == 1 and (page := _only(pages)) is not None:
        found = {page: candidates[0]}
    return {page: side for page, side in found.items() if read(side)}


def read(file: Path) -> Fields:
    """What a sidecar says; nothing when it is no mapping with a word about a page."""
    try:
        if file.stat().st_size > _LARGEST:
            return {}
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    fields = _json(text) if file.suffix.lower() == ".json" else yaml_text.fields(text)
    return fields if fields and is_about_a_page(fields) else {}


def _only(pages: Sequence[Path]) -> Path | None:
    readmes = [page for page in pages if page.stem.lower() in _INDEX]
    return readmes[0] if len(readmes) == 1 else pages[0] if len(pages) == 1 else None


def _json(text: str) -> Mapping[str, object] | None:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None
