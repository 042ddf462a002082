"""Erasure reaches the kept reports: what the catalog holds no more leaves them, and so does who is not to be named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sensemake.errors import StoreError
from sensemake.jobs.report_shape import VERSION
from sensemake.model import DocumentId, PassageId
from sensemake.renderers.shelf import ShelfRenderer
from sensemake.rules import emending
from sensemake.rules.emending import Cited
from sensemake.rules.periods import Kept
from sensemake.stores import Catalog
from sensemake.workspace import asking, sharing, shelf

LOCK = "kept reports"


def emend(catalog: Catalog, people_mode: str) -> Iterator[tuple[str, str]]:
    """Write each kept report anew that cites what is gone; its id, and `emend`, or `drop` when it was taken away.

    What it follows from is the catalog as it is, not what was just erased, so that it may be repeated after a crash. A
    report that cannot be read, or of an earlier version, is taken away whole when something of it is gone or may be.
    """
    home = catalog.home
    with catalog.locks.hold(LOCK, wait=60.0):
        for one in shelf.kept(home):
            before = _read(catalog, one)
            after = None if before is None else _left(before, one, catalog, people_mode)
            if after is None or (after != before and after.get("report_version") != VERSION):
                shelf.write_page(home, ShelfRenderer(one.language).render(shelf.drop(home, one)))
                yield one.id, "drop"
            elif after != before:
                shelf.write(home, one, pages(after, one.language))
                yield one.id, "emend"


def pages(report: Mapping[str, Any], language: str) -> dict[str, str]:
    """The files of a report, by name."""
    made = {f"report.{form}": sharing.renderer(form, language).render(report) for form in ("html", "md")}
    made["report.json"] = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return made


def _read(catalog: Catalog, one: Kept) -> dict[str, Any] | None:
    try:
        report = json.loads(shelf.read(catalog.home, one, "json"))
    except (StoreError, ValueError):
        return None
    return report if isinstance(report, dict) else None


def _left(report: Mapping[str, Any], one: Kept, catalog: Catalog, people_mode: str) -> dict[str, Any] | None:
    """What is left of it; None when it is no report as we know them."""
    try:
        cited = list(emending.cited(report))
        documents = catalog.corpus.documents({DocumentId(each["document_id"]) for each in cited})
        there = catalog.corpus.passages(
            {PassageId(each[name]) for each in cited for name in ("passage_id", "seen_passage_id") if name in each}
        )
        persons = asking.roster(frozenset(one.silos), catalog, people_mode).persons.values()

        def now(each: Cited) -> Cited | None:
            document = documents.get(DocumentId(each["document_id"]))
            if document is None:
                return None
            if each.get("seen_passage_id", "") not in {"", *there}:
                return None
            said = each.get("text", "")
            if said and each["passage_id"] not in there and not any(said in part.text for part in document.parts):
                return None
            return {**each, "title": document.title, "url": document.url}

        listed = {str(person.id) for person in persons if person.listed}
        return emending.left(report, now=now, listed=listed)
    except (KeyError, TypeError, AttributeError):
        return None
