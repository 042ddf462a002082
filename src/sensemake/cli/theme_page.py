"""A theme in full, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sensemake.cli import safe

if TYPE_CHECKING:
    from rich.text import Text

    from sensemake.jobs.theme_page import ThemePage
    from sensemake.model import Passage, Theme
    from sensemake.rules.theme_course import Concentration, Count, Momentum
    from sensemake.rules.theme_members import Share

WIDTH = 90
"""Characters of a passage that are shown."""
PERIODS = 12
"""The latest periods that are shown."""
DOCUMENTS = 10
BLOCKS = "▁▂▃▄▅▆▇█"


def lines(page: ThemePage, head: Text) -> Iterator[Text | str]:
    yield head
    yield f"  about: {', '.join(map(safe.line, page.theme.keyphrases))}"
    if written := page.theme.written:
        yield f"  name written by a machine, {safe.line(written.by)}, from {', '.join(written.saw)}"
    if summary := page.theme.summary:
        yield f"  {safe.line(summary.text)}"
        yield f"  summary written by a machine, {safe.line(summary.by)}, from {', '.join(summary.saw)}"
    if page.broader:
        yield f"  part of: {_named(page.broader)}"
    for theme in page.narrower:
        yield f"  holds: {_named(theme)}"
    for event in page.theme.events:
        numbers = ", ".join(f"{name} {value:g}" for name, value in event.numbers.items())
        yield f"  {safe.line(event.name)}: {numbers}"
    yield from _course(page)
    yield from _passages("at its middle", page.central)
    yield from _passages("at its border", page.borderline)
    yield from _documents("documents", page.documents)
    yield from _documents("of other themes, in this one too", page.also)


def _named(theme: Theme) -> str:
    return f"{safe.line(theme.label)}{safe.machine(theme.written_by)} · {theme.id}"


def _course(page: ThemePage) -> Iterator[str]:
    course = page.course
    if course.periods:
        latest = dict(list(course.periods.items())[-PERIODS:])
        first, last = next(iter(latest)), list(latest)[-1]
        counts = ", ".join(str(count.documents) for count in latest.values())
        yield f"  {first} to {last}: {_bars([c.documents for c in latest.values()])} ({counts} documents)"
    if course.momentum:
        yield f"  {_momentum(course.momentum)}"
    if told := _concentration(course.concentration):
        yield f"  {told}"
    for name, counts_of in (("silos", course.silos), ("kinds", course.kinds), ("languages", course.languages)):
        yield f"  {name}: {_counts(counts_of)}"


def _bars(counts: Sequence[int]) -> str:
    most = max(1, *counts)
    return "".join(BLOCKS[round(count / most * (len(BLOCKS) - 1))] for count in counts)


def _momentum(of: Momentum) -> str:
    parts = f"activity {of.activity:.2f}, people {of.people:.2f}, growth {of.growth:.2f}, breadth {of.breadth:.2f}"
    return f"momentum {of.whole:.2f} of 1: {parts}"


def _concentration(of: Concentration) -> str:
    told = {"in one silo": of.silos, "on one person": of.people}
    return ", ".join(f"rests {name} {share:.0%}" for name, share in told.items() if share is not None)


def _counts(counts: Mapping[str, Count]) -> str:
    return ", ".join(f"{safe.line(name)} {count.documents}" for name, count in counts.items()) or "none to tell"


def _passages(head: str, passages: Sequence[tuple[Passage, float]]) -> Iterator[str]:
    if passages:
        yield f"  {head}:"
    for passage, strength in passages:
        title = f"{safe.line(passage.title)}: " if passage.title else ""
        text = safe.line(" ".join(passage.text.split()))
        yield f"    {strength:.2f} {title}{text[:WIDTH]}{'…' if len(text) > WIDTH else ''}"


def _documents(head: str, documents: Sequence[tuple[Share, Passage]]) -> Iterator[str]:
    if documents:
        yield f"  {head}:"
    for share, passage in documents[:DOCUMENTS]:
        yield f"    {share.strength:.2f} {safe.line(passage.title)} · {share.passages}/{share.of} · {share.document}"
    if len(documents) > DOCUMENTS:
        yield f"    and {len(documents) - DOCUMENTS} more (--json has them all)"
