"""Theme maps as they were made, and the edits people made to themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from sensemake.model import (
    DocumentId,
    MapId,
    Membership,
    PassageId,
    SiloName,
    Status,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
    stable_id,
)
from sensemake.protocols import ThemeEdit
from sensemake.stores import theme_words
from sensemake.stores.columns import from_json, microseconds, moment, to_json
from sensemake.stores.connection import Database
from sensemake.stores.schema import theme_edits, theme_maps


class SqlThemeLog:
    """The `ThemeLog` of the catalog. An audience is the exact set of silos that its members may read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, themes: ThemeMap) -> None:
        """The same map again takes its own place."""
        with self._database.writing() as connection:
            connection.execute(delete(theme_maps).where(theme_maps.c.id == themes.id))
            last = connection.scalar(select(func.coalesce(func.max(theme_maps.c.number), 0)))
            row = {
                "id": themes.id,
                "number": (last or 0) + 1,
                "audience": _audience(themes.silos),
                "built_at": themes.built_at,
                "body": to_json(_body(themes)),
            }
            connection.execute(insert(theme_maps), row)
            theme_words.keep(connection, themes)

    def latest(self, silos: frozenset[SiloName], before: datetime | None = None) -> ThemeMap | None:
        """The last map made for exactly this audience, and earlier than `before` when that is given."""
        query = select(theme_maps).where(theme_maps.c.audience == _audience(silos))
        if before is not None:
            query = query.where(theme_maps.c.built_at < before)
        query = query.order_by(theme_maps.c.built_at.desc(), theme_maps.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            return theme_words.told(connection, _map(row)) if row else None

    def get(self, map_id: MapId) -> ThemeMap | None:
        with self._database.reading() as connection:
            row = connection.execute(select(theme_maps).where(theme_maps.c.id == map_id)).first()
            return theme_words.told(connection, _map(row)) if row else None

    def history(self, silos: frozenset[SiloName]) -> tuple[ThemeMap, ...]:
        query = select(theme_maps).where(theme_maps.c.audience == _audience(silos))
        query = query.order_by(theme_maps.c.built_at, theme_maps.c.number)
        with self._database.reading() as connection:
            return tuple(theme_words.told(connection, _map(row)) for row in connection.execute(query).all())

    def edit(self, silos: frozenset[SiloName], edit: ThemeEdit) -> None:
        """Add it last: its number is kept when it is higher than all before it, and raised otherwise."""
        audience = _audience(silos)
        with self._database.writing() as connection:
            last = _last_edit(connection, audience)
            number = max(edit.number, (last.number if last else 0) + 1)
            connection.execute(insert(theme_edits), _edit_row(audience, replace(edit, number=number)))

    def edits(self, silos: frozenset[SiloName]) -> tuple[ThemeEdit, ...]:
        query = select(theme_edits).where(theme_edits.c.audience == _audience(silos)).order_by(theme_edits.c.number)
        with self._database.reading() as connection:
            return tuple(_edit(row) for row in connection.execute(query))

    def undo(self, silos: frozenset[SiloName]) -> ThemeEdit | None:
        audience = _audience(silos)
        with self._database.writing() as connection:
            last = _last_edit(connection, audience)
            if last is not None:
                this = (theme_edits.c.audience == audience, theme_edits.c.number == last.number)
                connection.execute(delete(theme_edits).where(*this))
            return last

    def adopt(self, silos: frozenset[SiloName]) -> ThemeMap | None:
        """What others may read besides could tell of it in names, so maps of more silos are none to take over."""
        last = select(func.max(theme_maps.c.number)).group_by(theme_maps.c.audience)
        with self._database.reading() as connection:
            rows = connection.execute(select(theme_maps).where(theme_maps.c.number.in_(last)))
            within = [themes for row in rows if (themes := _map(row)).silos < silos]
            if not within:
                return None
            nearest = max(within, key=lambda themes: (len(themes.silos), themes.built_at, themes.id))
            adopted = theme_words.told(connection, nearest)
        if (edits := self.edits(nearest.silos)) and not self.edits(silos):
            with self._database.writing() as connection:
                connection.execute(insert(theme_edits), [_edit_row(_audience(silos), edit) for edit in edits])
        return adopted


def _audience(silos: frozenset[SiloName]) -> str:
    return stable_id("audience", *sorted(silos))


def _last_edit(connection: Connection, audience: str) -> ThemeEdit | None:
    query = select(theme_edits).where(theme_edits.c.audience == audience).order_by(theme_edits.c.number.desc())
    row = connection.execute(query.limit(1)).first()
    return _edit(row) if row else None


def _edit_row(audience: str, edit: ThemeEdit) -> dict[str, object]:
    return {
        "audience": audience,
        "number": edit.number,
        "at": edit.at,
        "made_by": edit.by,
        "verb": edit.verb,
        "theme": edit.theme,
        "arguments": to_json(dict(edit.arguments)),
    }


def _edit(row: Row[Any]) -> ThemeEdit:
    return ThemeEdit(row.number, row.at, row.made_by, row.verb, row.theme, from_json(row.arguments))


def _body(themes: ThemeMap) -> dict[str, Any]:
    return {
        "built_at": microseconds(themes.built_at),
        "silos": sorted(themes.silos),
        "state": themes.state,
        "settings": dict(themes.settings),
        "themes": [_theme_body(theme) for theme in themes.themes],
        "loose": themes.loose,
        "outlier_ratio": float(themes.outlier_ratio),
        "stability": None if themes.stability is None else float(themes.stability),
        "gone": list(themes.gone),
        "unplaced": list(themes.unplaced),
        "broader": [_theme_body(theme) for theme in themes.broader],
        "middle": list(themes.middle),
        "marks": dict(themes.marks),
    }


def _theme_body(theme: Theme) -> dict[str, Any]:
    return {
        **{name: getattr(theme, name) for name in ("id", "people", "level", "parent")},
        "label": theme.label if theme.written is None else theme.plain or "",
        "keyphrases": list(theme.keyphrases),
        "members": _member_bodies(theme.members),
        "also": _member_bodies(theme.also),
        "reach": theme.reach,
        "silos": list(theme.silos),
        "centroid": [float(number) for number in theme.centroid],
        "status": theme.status.value,
        "events": [_event_body(event) for event in theme.events],
        "place": theme.place,
    }


def _member_bodies(members: tuple[Membership, ...]) -> list[list[Any]]:
    return [[member.passage, member.document, float(member.strength)] for member in members]


def _event_body(event: ThemeEvent) -> dict[str, Any]:
    numbers = {name: float(number) for name, number in event.numbers.items()}
    return {"name": event.name, "numbers": numbers, "related": list(event.related)}


def _map(row: Row[Any]) -> ThemeMap:
    body = from_json(row.body)
    return ThemeMap(
        id=MapId(row.id),
        built_at=moment(body["built_at"]),
        silos=frozenset(map(SiloName, body["silos"])),
        state=body["state"],
        settings=body["settings"],
        themes=tuple(_theme(theme) for theme in body["themes"]),
        loose=body["loose"],
        outlier_ratio=body["outlier_ratio"],
        stability=body["stability"],
        gone=tuple(map(ThemeId, body["gone"])),
        unplaced=tuple(map(PassageId, body.get("unplaced", ()))),
        broader=tuple(_theme(theme) for theme in body.get("broader", ())),
        middle=tuple(body.get("middle", ())),
        marks={SiloName(silo): mark for silo, mark in body.get("marks", {}).items()},
    )


def _theme(body: dict[str, Any]) -> Theme:
    return Theme(
        id=ThemeId(body["id"]),
        label=body["label"],
        keyphrases=tuple(body["keyphrases"]),
        members=_members(body["members"]),
        also=_members(body.get("also", ())),
        reach=body.get("reach"),
        people=body["people"],
        silos=tuple(map(SiloName, body["silos"])),
        centroid=tuple(body["centroid"]),
        level=body["level"],
        parent=None if body["parent"] is None else ThemeId(body["parent"]),
        status=Status(body["status"]),
        events=tuple(_event(event) for event in body["events"]),
        place=(float(place[0]), float(place[1])) if (place := body.get("place")) else None,
    )


def _members(bodies: Sequence[Sequence[Any]]) -> tuple[Membership, ...]:
    return tuple(Membership(PassageId(p), DocumentId(d), strength) for p, d, strength in bodies)


def _event(body: dict[str, Any]) -> ThemeEvent:
    return ThemeEvent(body["name"], body["numbers"], tuple(map(ThemeId, body["related"])))
