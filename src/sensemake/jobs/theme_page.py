"""One theme in full: its middle and its border, its documents, what is above and below it, how it goes over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sensemake.model import Membership, Passage, PersonId, Theme, ThemeMap
from sensemake.rules import keyphrases, theme_course, theme_members
from sensemake.rules.theme_course import Course, Step
from sensemake.rules.theme_members import Share


@dataclass(frozen=True, slots=True)
class Material:
    """What the map's audience may read now, a passage's listed authors, and the floor of its reflections."""

    passages: Sequence[Passage]
    people: Callable[[Passage], Collection[PersonId]]
    floor: int = theme_course.AUTHORS


@dataclass(frozen=True, slots=True)
class ThemePage:
    """`central` and `borderline` are passages with their strengths; `documents` and `also` are told with a passage of
    each, its strongest; `narrower` are the themes that are part of this one."""

    theme: Theme
    central: tuple[tuple[Passage, float], ...]
    borderline: tuple[tuple[Passage, float], ...]
    documents: tuple[tuple[Share, Passage], ...]
    also: tuple[tuple[Share, Passage], ...]
    narrower: tuple[Theme, ...]
    broader: Theme | None
    course: Course


def page(theme: Theme, themes: ThemeMap, material: Material, *, step: Step = "month") -> ThemePage:
    """What is no longer there, or may no longer be read, is not on it."""
    known = {passage.id: passage for passage in material.passages}
    sizes = Counter(passage.document for passage in material.passages)
    own = [known[m.passage] for m in theme.members if m.passage in known]

    def told(members: Iterable[Membership]) -> tuple[tuple[Passage, float], ...]:
        return tuple((known[m.passage], m.strength) for m in members if m.passage in known)

    def shares(members: Sequence[Membership]) -> tuple[tuple[Share, Passage], ...]:
        there = [m for m in members if m.passage in known]
        strongest = {m.document: known[m.passage] for m in sorted(there, key=lambda m: m.strength)}
        return tuple((share, strongest[share.document]) for share in theme_members.documents(there, sizes))

    rivals = [other for other in themes.themes if other.level == theme.level]
    return ThemePage(
        theme=theme,
        central=told(theme_members.central(theme)),
        borderline=told(theme_members.borderline(theme, rivals)),
        documents=shares(theme.members),
        also=shares(theme.also),
        narrower=tuple(t for t in (*themes.themes, *themes.broader) if t.parent == theme.id),
        broader=next((t for t in themes.broader if t.id == theme.parent), None),
        course=theme_course.course(
            [(passage, frozenset(material.people(passage))) for passage in own],
            material.passages,
            silos=len(themes.silos),
            language=keyphrases.language_of,
            step=step,
            authors=material.floor,
        ),
    )
