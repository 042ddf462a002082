"""Makes sections of what was said in a meeting: a turn is what one speaker says until another does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sensemake.indexers._people import mentions
from sensemake.indexers.formats.content import Section
from sensemake.indexers.formats.speakers import speaker

TURN = 900
"""Characters after which a long turn goes on in a new section, with a place of its own: those of a passage."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words with the name that was shown for their speaker ("" when none was) and the time of their beginning."""

    who: str
    text: str
    at: str


def sections(said: Iterable[Said], *, glue: str) -> Iterator[Section]:
    """A section for each turn, or a part of one, at the time of its first words (`at=00:12:31`)."""
    who, at, texts, length = "", "", list[str](), 0
    for words in said:
        if texts and (words.who != who or length >= TURN):
            yield _section(who, at, glue.join(texts))
            texts, length = [], 0
        if not texts:
            who, at = words.who, words.at
        texts.append(words.text)
        length += len(words.text)
    if texts:
        yield _section(who, at, glue.join(texts))


def _section(who: str, at: str, text: str) -> Section:
    called = tuple(dict.fromkeys(mentions(text))) if "@" in text else ()
    return Section(text, locator=f"at={at}", headings=(), mentions=called, speaker=speaker(who))
