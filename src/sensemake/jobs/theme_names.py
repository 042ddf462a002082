"""Gives themes their words: keyphrases, a name, and what a language model writes where one is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sensemake.jobs.theme_draft import Draft, Material
from sensemake.model import Kind, Passage, Summary, Theme, ThemeEvent, ThemeId, ThemeMap, Written
from sensemake.protocols import Clusterer, Labeller, Writer
from sensemake.rules import bylines, keyphrases, machine_words
from sensemake.rules.keyphrases import Described
from sensemake.rules.theme_edits import Plan

TOLD = 300
"""Passages of a theme, the strongest, that its words are taken from."""
WRITER, PLAIN, SILENT = "writer", "writer_named_not", "writer_summarised_not"
"""The settings of a map that tell which language model was asked, and how many themes it did not name or sum up."""
RENAMED = ThemeEvent("renamed", {})
CENTRAL = 10
"""Passages of a theme, each of another document, that its name must fit."""


@dataclass(frozen=True, slots=True)
class Tools:
    """`clusterer` gives the one for so many vectors (see `clusterer_name`), `new_id` a fresh random id. A `writer` is
    asked for names first, with `summaries` also for these, and sees only passages that `Material.may_leave`."""

    clusterer: Callable[[int], Clusterer]
    labeller: Labeller
    new_id: Callable[[], str]
    writer: Writer | None = None
    summaries: bool = False


def named(
    draft: Draft,
    themes: Sequence[Theme],
    tools: Tools,
    *,
    last: ThemeMap | None,
    plan: Plan,
    others: Sequence[Theme] = (),
) -> list[Theme]:
    """Themes with their keyphrases and labels. A person's label comes first, then the one a theme had; none twice, and
    none that `others` have."""
    by_id = {p.id: p for p in draft.passages}
    told = [[by_id[m.passage] for m in theme.members[:TOLD]] for theme in themes]
    inside = {m.passage for theme in themes for m in theme.members}
    rest = [p for p in (*draft.passages, *draft.template) if p.id not in inside]
    found = keyphrases.described(told, rest=rest, exclude=draft.material.names)
    # A name that a person gave holds as long as their edit does; another, until it turns out to be somebody's.
    were = _were_written(draft, themes, last)
    names = bylines.folded(draft.material.names)
    given = (theme for theme in were.values() if RENAMED not in theme.events)
    kept = {theme.id: theme.label for theme in given if not bylines.names_alone(theme.label, names)}
    kept.update(plan.labels)
    taken = {kept[theme.id] for theme in themes if theme.id in kept} | {theme.label for theme in others}
    taken |= {theme.plain for theme in (*were.values(), *others) if theme.plain}
    named: dict[int, Theme] = {}
    # A phrase belongs to the theme that it stands for, before others make a name of it.
    for number in sorted(range(len(themes)), key=lambda n: not found[n].names):
        theme, words, passages = themes[number], found[number], told[number]
        central = _central(passages)
        label, was = kept.get(theme.id), were.get(theme.id)
        by, plain = (was.written, was.plain) if was and theme.id not in plan.labels else (None, None)
        if label is None or (tools.writer and by is None and theme.id not in plan.labels):
            asked = _asked(tools.writer, words.phrases, central, taken - {label}, draft.material)
            label = label or _fresh(tools.labeller, words, central, taken)
            label, by, plain = (*asked, label) if asked else (label, None, None)
        taken |= {label, plain or label}
        events = tuple(event for event in theme.events if event != RENAMED)
        renamed = (RENAMED,) if theme.id in plan.labels else ()
        theme = replace(theme, keyphrases=words.phrases, label=label, written=by, plain=plain)
        summary = _summary(theme, was, tools, central, draft.material)
        named[number] = replace(theme, summary=summary, events=(*events, *renamed))
    return [named[number] for number in range(len(themes))]


def _were_written(draft: Draft, themes: Sequence[Theme], last: ThemeMap | None) -> dict[ThemeId, Theme]:
    """The last map's themes, without what a machine wrote from passages that are gone or may no longer leave.

    A reflection that it saw must still count in the theme: below the floor it is as if it had not been written.
    """
    if last is None or not any(theme.written or theme.summary for theme in last.themes):
        return {theme.id: theme for theme in last.themes} if last else {}
    there = {p.id: p for p in draft.material.passages}
    free = {pid for pid, p in there.items() if p.kind is not Kind.REFLECTION}
    inside = {theme.id: {m.passage for m in theme.members} for theme in themes}
    were = {}
    for theme in last.themes:
        saw = {*(theme.written.saw if theme.written else ()), *(theme.summary.saw if theme.summary else ())}
        counted = inside.get(theme.id, set())
        may = {p for p in saw if p in free or (p in counted and p in there and draft.material.may_leave(there[p]))}
        were[theme.id] = machine_words.without(theme, saw - may)
    return were


def _asked(
    writer: Writer | None, phrases: Sequence[str], central: Sequence[Passage], taken: Collection[str], of: Material
) -> tuple[str, Written] | None:
    """A machine's name and what it was made from; None without a writer, an answer, or anything that may leave.

    Only those phrases go with the passages that these hold: others may come from texts that may not leave. A name that
    names somebody is none.
    """
    shown = [passage for passage in central if of.may_leave(passage)]
    if writer is None or not shown:
        return None
    text = "\n".join(f"{p.title}\n{p.text}" for p in shown).casefold()
    label = writer.write([phrase for phrase in phrases if phrase.casefold() in text], shown)
    if not label or label in taken or not machine_words.unnamed(label, of.names):
        return None
    return label, Written(writer.name, tuple(p.id for p in shown))


def _summary(theme: Theme, was: Theme | None, tools: Tools, central: Sequence[Passage], of: Material) -> Summary | None:
    """The one it had while that says what the theme is about; else a new one, when a writer is asked for summaries.

    The name goes with the passages when a machine gave it, as a plain one may be of words that may not leave.
    """
    if was and was.summary and machine_words.holds(was.summary, theme):
        return was.summary
    shown = [passage for passage in central if of.may_leave(passage)]
    if tools.writer is None or not tools.summaries or not shown:
        return None
    told = tools.writer.summarise(theme.label if theme.written else "", shown)
    text = machine_words.unnamed(told, of.names) if told else ""
    return Summary(text, tools.writer.name, tuple(p.id for p in shown), theme.size) if text else None


def unwritten(themes: Sequence[Theme], tools: Tools) -> dict[str, str]:
    """Which machine was asked, and how many themes it gave no name or no summary to."""
    if tools.writer is None:
        return {}
    plain = sum(theme.written is None and RENAMED not in theme.events for theme in themes)
    silent = sum(theme.summary is None for theme in themes)
    told = {WRITER: tools.writer.name, PLAIN: str(plain)}
    return {**told, SILENT: str(silent)} if tools.summaries else told


def _fresh(labeller: Labeller, words: Described, passages: Sequence[Passage], taken: Collection[str]) -> str:
    """A label that no other theme has: where two would agree, the later is named by its next words."""
    ways = [some[skip:] for some in (words.names, words.phrases) for skip in range(len(some))] or [()]
    labels = [labeller.label(way, passages) for way in ways]
    numbered = (f"{labels[0]} ({number})" for number in range(2, len(taken) + 3))
    return next(label for label in (*labels, *numbered) if label not in taken)


def _central(passages: Sequence[Passage]) -> list[Passage]:
    best = {p.document: p for p in reversed(passages)}
    return [p for p in passages if best[p.document] is p][:CENTRAL]
