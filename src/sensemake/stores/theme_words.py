"""What a language model wrote of themes: kept beside their maps, and gone with any passage that it saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sensemake.model import PassageId, Summary, Theme, ThemeMap, Written, stable_id
from sensemake.stores.batches import batches
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.schema import passages, theme_words, theme_words_seen

LABEL, SUMMARY = "label", "summary"


def keep(connection: Connection, themes: ThemeMap) -> None:
    """Write down what was written of this map's themes, but for what saw a passage that is gone meanwhile."""
    written = [(theme.id, *words) for theme in (*themes.themes, *themes.broader) for words in _written(theme)]
    there = _there(connection, {passage for _, _, body in written for passage in body["saw"]})
    for theme, what, body in written:
        if there.issuperset(body["saw"]):
            words = stable_id("words", themes.id, theme, what)
            row = {"id": words, "map": themes.id, "theme": theme, "what": what, "body": to_json(body)}
            connection.execute(insert(theme_words), row)
            seen = [{"words": words, "passage": passage} for passage in sorted(set(body["saw"]))]
            connection.execute(insert(theme_words_seen), seen)


def told(connection: Connection, themes: ThemeMap) -> ThemeMap:
    """The map with what was written of its themes."""
    query = select(theme_words.c.theme, theme_words.c.what, theme_words.c.body).where(theme_words.c.map == themes.id)
    found = {(row.theme, row.what): from_json(row.body) for row in connection.execute(query)}
    if not found:
        return themes
    finest, broader = (tuple(_with(theme, found) for theme in some) for some in (themes.themes, themes.broader))
    return replace(themes, themes=finest, broader=broader)


def forget(connection: Connection, seen: Iterable[PassageId]) -> None:
    """Erase all that was written by a model which saw one of these passages, in every map."""
    for some in batches(seen):
        words = select(theme_words_seen.c.words).where(theme_words_seen.c.passage.in_(some))
        connection.execute(delete(theme_words).where(theme_words.c.id.in_(words)))


def _written(theme: Theme) -> Iterator[tuple[str, dict[str, Any]]]:
    if theme.written:
        yield LABEL, {"text": theme.label, "by": theme.written.by, "saw": list(theme.written.saw)}
    if summary := theme.summary:
        about = {"by": summary.by, "saw": list(summary.saw), "documents": summary.documents}
        yield SUMMARY, {"text": summary.text, **about}


def _there(connection: Connection, ids: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in batches(sorted(ids)):
        found |= set(connection.scalars(select(passages.c.id).where(passages.c.id.in_(some))))
    return found


def _with(theme: Theme, found: dict[tuple[str, str], dict[str, Any]]) -> Theme:
    if label := found.get((theme.id, LABEL)):
        written = Written(label["by"], tuple(map(PassageId, label["saw"])))
        theme = replace(theme, label=label["text"], written=written, plain=theme.label)
    if body := found.get((theme.id, SUMMARY)):
        saw = tuple(map(PassageId, body["saw"]))
        theme = replace(theme, summary=Summary(body["text"], body["by"], saw, body["documents"]))
    return theme
