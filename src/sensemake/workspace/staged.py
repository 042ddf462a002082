"""Tells when a stage of finding begins and ends, for whoever measures: nothing of what is looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

Stage = Callable[[str], AbstractContextManager[None]]
"""What is entered with the name of a stage when it begins, and left when it ends."""

EMBEDDER = {"query": "embed the question"}
INDEX = {"dense": "find by meaning", "lexical": "find by words"}
CORPUS = {"passages": "read passages"}
RERANKER = {"scores": "rerank"}
FOLLOW = "follow the catalog"

_Seam = TypeVar("_Seam")


def staged(seam: _Seam, stages: Mapping[str, str], stage: Stage | None) -> _Seam:
    """The same adapter, whose methods in `stages` are told of; itself when nobody listens."""
    return seam if stage is None else cast("_Seam", _Staged(seam, stages, stage))


class _Staged:
    def __init__(self, seam: object, stages: Mapping[str, str], stage: Stage) -> None:
        self._seam, self._stages, self._stage = seam, stages, stage

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._seam, name)
        return self._told(found, self._stages[name]) if name in self._stages else found

    def _told(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def told(*given: Any, **named: Any) -> Any:
            with self._stage(name):
                return method(*given, **named)

        return told
