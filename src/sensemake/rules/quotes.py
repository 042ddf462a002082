"""Sentences of a passage that can stand for it, word for word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from sensemake.model import Passage

SHORTEST, LONGEST = 30, 280
"""Characters of a sentence that can be quoted."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`passage.text[start:end]`; `passage` carries only the contribution of the one who said it, when that is known."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


# A sentence ends at a mark before a space, a message or a paragraph at the end of its line.
_SENTENCE = regex.compile(r"[^\n]+?(?:[.!?…]+[\"'”’»)\]]*(?=\s)|$)", regex.M)
_BULLET = regex.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])?\s+")
_NOT_PROSE = regex.compile(r"https?://|:[a-z]+(?:_[a-z]+)+:|\s\|\s|^\||\|$|```|[{}<>\\]|\S{40,}")


def sentences(passage: Passage) -> Iterator[Sentence]:
    """The sentences that read by themselves: prose, no heading, of a usual length, said by one person."""
    headings = {passage.title, *passage.headings}
    for match in _SENTENCE.finditer(passage.text):
        start, end = _trimmed(passage.text, match.start(), match.end())
        text = passage.text[start:end]
        if not SHORTEST <= len(text) <= LONGEST or text in headings or not _reads(text):
            continue
        if speaker := _spoken(passage, start, end):
            yield Sentence(speaker, start, end)


def weight(sentence: Sentence, keyphrases: Sequence[str]) -> float:
    """How much it says of a theme: its keyphrases, the telling ones more; whole sentences of middle length first."""
    text = sentence.text.casefold()
    told = sum(1.0 / (rank + 2) for rank, phrase in enumerate(keyphrases) if phrase.casefold() in text)
    whole = 0.3 if is_whole(sentence) else 0.0
    middling = 0.2 if 60 <= len(text) <= 200 else 0.0
    return told + whole + middling


def is_whole(sentence: Sentence) -> bool:
    """Whether it begins and ends as sentences do."""
    return sentence.text[0].isupper() and sentence.text[-1] in ".!?…\"'”’»)"


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the bullet or number of a list, and without spaces around."""
    if bullet := _BULLET.match(text, start, end):
        start = bullet.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _reads(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return letters >= 0.6 * len(text) and len(text.split()) >= 5 and not _NOT_PROSE.search(text)


def _spoken(passage: Passage, start: int, end: int) -> Passage | None:
    """The passage as the speaker's own; None when two people share the words."""
    said = {span.contribution for span in passage.spans if span.start < end and start < span.end}
    if len({contribution.handle for contribution in said}) > 1:
        return None
    return replace(passage, contributions=tuple(sorted(said))) if said else passage
