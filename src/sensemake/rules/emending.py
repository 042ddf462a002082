"""What is left of a report, as JSON, when some of what it cites is there no more, or its people are not to be named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

Cited = Mapping[str, Any]
"""Something with a `document_id`: a reference to a document, or a quote with its `passage_id` and `text`."""

MAY_BE_NONE = frozenset({"sentence", "showed"})
"""Fields that may hold no quote. Whatever else loses one is left out with it: half a disagreement says nothing."""

_GONE: Final = object()


def cited(report: object) -> Iterator[Cited]:
    """Every reference and quote of a report."""
    if isinstance(report, Mapping):
        if "document_id" in report:
            yield report
        for value in report.values():
            yield from cited(value)
    elif isinstance(report, list):
        for each in report:
            yield from cited(each)


def left(report: Mapping[str, Any], *, now: Callable[[Cited], Cited | None], listed: Collection[str]) -> dict[str, Any]:
    """The report with each reference and quote as it is `now`, or without (None), and of people the `listed` alone.

    Counts stay: they say what there was. Who is left without a document that says so is left out too.
    """

    def emended(value: Any) -> Any:
        if isinstance(value, list):
            return [kept for each in value if (kept := emended(each)) is not _GONE]
        return of_object(value) if isinstance(value, Mapping) else value

    def of_object(value: Mapping[str, Any]) -> Any:
        whole: Cited | None = value
        if "document_id" in value:
            whole = now(value)
        if whole is None or value.get("person_id", "") not in {"", *listed}:
            return _GONE
        made = {name: emended(each) for name, each in whole.items()}
        if "person_id" in made and not made["documents"]:
            return _GONE
        lost = {name for name, each in made.items() if each is _GONE}
        return made | dict.fromkeys(lost) if lost <= MAY_BE_NONE else _GONE

    made: dict[str, Any] = emended(_unwritten(report, now))
    return made


def _unwritten(report: Mapping[str, Any], now: Callable[[Cited], Cited | None]) -> Any:
    """The report without what a machine wrote from something that is gone: plain names, wherever they stand."""

    def lost(words: Mapping[str, Any] | None) -> bool:
        return words is not None and any(now(seen) is None for seen in words["saw"])

    plain: dict[str, str] = {}

    def look(value: Any) -> Any:
        if isinstance(value, list):
            return [look(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        made = {name: look(each) for name, each in value.items()}
        if lost(value.get("summary")):
            made["summary"] = None
        if lost(value.get("written")):
            made["written"] = None
            plain[value["label"]] = value["written"].get("plain") or next(iter(value.get("keyphrases", ())), "–")
        return made

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, Mapping):
            return {name: renamed(each) for name, each in value.items()}
        return plain.get(value, value) if isinstance(value, str) else value

    unmarked = look(report)
    return renamed(unmarked) if plain else unmarked
