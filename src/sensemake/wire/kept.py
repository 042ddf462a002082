"""Reports that were kept, as JSON."""

from __future__ import annotations

from collections.abc import Iterable

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict

from sensemake.rules.periods import Kept


class KeptJSON(TypedDict):
    id: str
    every: str
    period: str
    since: str
    until: str
    silos: list[str]
    folder: str


class KeptReportsJSON(TypedDict):
    reports: list[KeptJSON]


def kept_json(kept: Iterable[Kept]) -> KeptReportsJSON:
    return {
        "reports": [
            {
                "id": one.id,
                "every": one.every,
                "period": one.period,
                "since": one.since,
                "until": one.until,
                "silos": list(one.silos),
                "folder": one.folder,
            }
            for one in kept
        ]
    }
