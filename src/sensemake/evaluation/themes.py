"""How well themes find known groups: the product's own map of labelled texts, in a home that is thrown away."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensemake.config import Settings
from sensemake.evaluation.labelled import Labelled
from sensemake.model import Document, DocumentId, Kind, Part, SiloName, Source, ThemeMap
from sensemake.rules import theme_quality
from sensemake.workspace import Progress, Workspace, silent

SOURCE = Source(SiloName("corpus"), "corpus", "labelled", "")
LOOSE = -1
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far groups found agree with the true ones: adjusted for chance, 0 is chance and 1 is the same.

    The loose count as one group of their own; `without` leaves them out.
    """

    ami: float
    ari: float
    ami_without: float
    ari_without: float
    outlier_ratio: float
    groups: int

    @classmethod
    def of(cls, truth: Sequence[str], found: Sequence[int]) -> Agreement:
        """`found` holds a group's number for each text, LOOSE for none."""
        from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

        kept = [i for i, group in enumerate(found) if group != LOOSE]
        true, own = [truth[i] for i in kept], [found[i] for i in kept]
        return cls(
            ami=float(adjusted_mutual_info_score(truth, found)),
            ari=float(adjusted_rand_score(truth, found)),
            ami_without=float(adjusted_mutual_info_score(true, own)) if kept else 0.0,
            ari_without=float(adjusted_rand_score(true, own)) if kept else 0.0,
            outlier_ratio=1.0 - len(kept) / len(found) if found else 0.0,
            groups=len(set(own)),
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A map of labelled texts, and what it took: seconds of reading in and of the map alone (by the clock, and of
    processors), memory at the peak."""

    rows: tuple[Labelled, ...]
    themes: ThemeMap
    groups: Mapping[int, tuple[int, ...]]
    """Level → each row's theme there, as its number in the map, or LOOSE."""
    seconds_reading: float
    seconds: float
    processor_seconds: float
    peak_memory_mb: float


def of_rows(
    rows: Sequence[Labelled],
    settings: Settings,
    *,
    opened: Callable[..., Workspace] = Workspace.open,
    progress: Progress = silent,
) -> Measured:
    """Take labelled texts into a home that is thrown away, and build the map that `sensemake themes build` would.

    The model and the cache are those of `settings`; its home and its database are not touched.
    """
    with tempfile.TemporaryDirectory(prefix="sensemake-eval-") as folder:
        apart = settings.model_copy(update={"home": Path(folder) / "home", "database_url": None})
        with opened(apart, create=True) as workspace:
            owner = workspace.owner()
            start = time.perf_counter()
            workspace.take_in(map(document_of, rows), SOURCE, owner, progress=progress)
            read, used = time.perf_counter(), time.process_time()
            themes = workspace.build_themes(owner)
            done, used = time.perf_counter(), time.process_time() - used
    documents = [document_of(row).id for row in rows]
    groups = {level: placed(themes, documents, level) for level in range(themes.levels)}
    return Measured(tuple(rows), themes, groups, read - start, done - read, used, peak_memory())


def document_of(row: Labelled) -> Document:
    return Document(SOURCE, row.id, Kind.PAGE, "", (Part(row.text),))


def placed(themes: ThemeMap, documents: Sequence[DocumentId], level: int) -> tuple[int, ...]:
    """For each document the theme of this level in which it is most: by the strengths of its passages, added up."""
    held: dict[DocumentId, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for number, theme in enumerate(themes.at(level) if level else themes.themes):
        for member in theme.members:
            held[member.document][number] += member.strength
    return tuple(
        max(held[document].items(), key=lambda item: (item[1], -item[0]))[0] if document in held else LOOSE
        for document in documents
    )


def peak_memory() -> float:
    """Megabytes that this process held at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def summary(found: Measured) -> dict[str, Any]:
    """The measures of the finest level, and the agreement of each level, as JSON."""
    truth = [row.label for row in found.rows]
    finest = Agreement.of(truth, found.groups[0])
    words = [theme_quality.words(theme.keyphrases) for theme in found.themes.themes]
    return {
        "items": len(found.rows),
        "groups": len(set(truth)),
        "themes": finest.groups,
        "themes_to_groups": _rounded(finest.groups / len(set(truth))),
        **_agreement(finest),
        "npmi": _rounded(theme_quality.coherence(words, (row.text for row in found.rows))),
        "diversity": _rounded(theme_quality.diversity(words)),
        "seconds": round(found.seconds, 2),
        "seconds_reading": round(found.seconds_reading, 2),
        "peak_memory_mb": round(found.peak_memory_mb),
        "levels": [_level(level, Agreement.of(truth, groups)) for level, groups in sorted(found.groups.items())],
        "settings": dict(found.themes.settings),
    }


def _level(level: int, of: Agreement) -> dict[str, float | None]:
    return {"level": level, "themes": of.groups, **_agreement(of)}


def _agreement(of: Agreement) -> dict[str, float | None]:
    return {
        "ami": _rounded(of.ami),
        "ami_without_outliers": _rounded(of.ami_without),
        "ari": _rounded(of.ari),
        "ari_without_outliers": _rounded(of.ari_without),
        "outlier_ratio": _rounded(of.outlier_ratio),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(np.float64(number)), DIGITS)
