"""What a report is made from, and who and what is not in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sensemake.jobs.report_reader import Reader, counted, month, months, stamp
from sensemake.jobs.report_shape import CoverageJSON, SiloCoverageJSON
from sensemake.model import Passage, PassageId, PersonId, ThemeMap

ENOUGH = 5
"""People from which on a silo is more than a few voices."""


def coverage(reader: Reader, themes: ThemeMap) -> CoverageJSON:
    passages = list(reader.passages.values())
    people = {p.id: frozenset(reader.material.people(p)) for p in passages}
    held = [reader.material.documents[d] for d in reader.by_document]
    span = _span(reader)
    seen = {month(p.time) for p in passages if p.time is not None and reader.in_period(p)}
    by_silo: dict[str, list[Passage]] = {str(silo): [] for silo in sorted(themes.silos)}
    for passage in passages:
        by_silo.setdefault(passage.silo, []).append(passage)
    silos = [_silo(reader, silo, own, people, span) for silo, own in by_silo.items()]
    return {
        "documents": len(held),
        "documents_in_period": len({p.document for p in passages if reader.in_period(p)}),
        "passages": len(passages),
        "people": len(frozenset().union(*people.values())),
        "undated": len(held) - len({p.document for p in passages if p.time is not None}),
        "unattributed": len(held) - len({p.document for p in passages if people[p.id]}),
        "silos": silos,
        "silos_of_five": sum(silo["people"] >= ENOUGH for silo in silos),
        "silent": [silo["silo"] for silo in silos if not silo["documents_in_period"]],
        "months": len(span),
        "missing_months": [name for name in span if name not in seen],
        "kinds": counted(Counter(str(d.kind) for d in held)),
        "languages": counted(Counter(d.language for d in held if d.language)),
        "unread": counted(reader.material.unread),
    }


def _span(reader: Reader) -> Sequence[str]:
    """The months of the period."""
    return months(reader.since or reader.first, reader.until or reader.newest)


def _silo(
    reader: Reader,
    silo: str,
    own: Sequence[Passage],
    people: Mapping[PassageId, frozenset[PersonId]],
    span: Sequence[str],
) -> SiloCoverageJSON:
    recent = [p for p in own if reader.in_period(p)]
    return {
        "silo": silo,
        "documents": len({p.document for p in own}),
        "documents_in_period": len({p.document for p in recent}),
        "people": len({person for p in own for person in people[p.id]}),
        "months": len({month(p.time) for p in recent if p.time is not None} & set(span)),
        "newest": stamp(max((p.time for p in own if p.time is not None), default=None)),
    }
