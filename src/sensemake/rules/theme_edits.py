"""What people changed about themes, as one plan to replay on every later map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sensemake.model import Theme, ThemeId, stable_id
from sensemake.protocols import ThemeEdit


@dataclass(frozen=True, slots=True)
class Plan:
    """`labels` given by people, themes that go `into` others, `splits` in their order (a theme, and the id of the part
    that leaves it), themes not to be shown, and themes that stay when all else is grouped anew."""

    labels: Mapping[ThemeId, str]
    into: Mapping[ThemeId, ThemeId]
    splits: tuple[tuple[ThemeId, ThemeId], ...]
    hidden: frozenset[ThemeId]
    pinned: frozenset[ThemeId] = frozenset()

    def home(self, theme: Theme) -> ThemeId:
        """The theme that it is part of: where it was merged, or the merged theme that it has just split from."""
        joined = set(self.into.values())
        for event in theme.events:
            if event.name == "split" and event.related and self._last(event.related[0]) in joined:
                return self._last(event.related[0])
        return self._last(theme.id)

    def _last(self, theme: ThemeId) -> ThemeId:
        seen: set[ThemeId] = set()
        while theme in self.into and theme not in seen:
            seen.add(theme)
            theme = self.into[theme]
        return theme


def plan(edits: Sequence[ThemeEdit]) -> Plan:
    """Later edits win. `rename` comes with a `label`, `merge` with `into`; verbs not known here do nothing."""
    labels: dict[ThemeId, str] = {}
    into: dict[ThemeId, ThemeId] = {}
    splits: list[tuple[ThemeId, ThemeId]] = []
    hidden: set[ThemeId] = set()
    pinned: set[ThemeId] = set()
    for edit in sorted(edits, key=lambda edit: edit.number):
        theme = ThemeId(edit.theme)
        if edit.verb == "rename" and edit.arguments.get("label", "").strip():
            labels[theme] = edit.arguments["label"].strip()
        elif edit.verb == "merge" and edit.arguments.get("into", theme) != theme:
            into[theme] = ThemeId(edit.arguments["into"])
        elif edit.verb == "split":
            splits.append((theme, ThemeId(stable_id("split", theme, str(edit.number))[:8])))
        elif edit.verb == "hide":
            hidden.add(theme)
        elif edit.verb == "pin":
            pinned.add(theme)
    return Plan(labels, into, tuple(splits), frozenset(hidden), frozenset(pinned))
