"""Finds in a text whom it names as the one to ask: "ask Mira Holm about", "ping @mira", "maintainer: …".

Only turns of phrase that send a reader to somebody; a name alone says nothing. What is found are names and handles as
they are written: who bears them is for the roster to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = r"[^\W\d_][\w'’-]*"
_HANDLE = r"@[A-Za-z0-9](?:[\w.-]*\w)?"
_WHO = rf"(?P<who>{_HANDLE}|{_WORD}(?:[ ]{_WORD}){{0,3}})"
_SENDING = (
    *("ask", "ping", "contact", "consult", "talk to", "speak to", "speak with", "reach out to", "check with"),
    *("get in touch with", "questions to", "person to ask is", "point of contact is", "expert is"),
)
_SENT = re.compile(rf"\b(?i:{'|'.join(_SENDING)})\s+{_WHO}")
_LABELS = (
    "maintainers?|contacts?|contact persons?|points? of contact|poc|subject matter experts?|smes?|experts?|owners?"
)
_LABELLED = re.compile(rf"(?im)^[\s>*_#|-]*(?:{_LABELS})[\s*_]*[:：|][\s*_|]*(?P<who>[^\n]{{1,200}})")
_ONE = re.compile(_WHO)
_MAYBE = tuple(part for part in (*_SENDING, "maintainer", "poc", "sme", "owner") if part != "person to ask is")
"""A cheap look first, ten times quicker than an expression: most texts send nobody anywhere."""
_OTHER_CASES = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
"""What `re.IGNORECASE` takes for a letter of ASCII and `lower` does not."""


def pointed_at(text: str) -> Iterator[str]:
    """Names and `@handles` that a text sends its reader to, each once, in order; the longer form of a name first."""
    if may_point(text):
        found = [match["who"] for match in _SENT.finditer(text)]
        for label in _LABELLED.finditer(text):
            found += [match["who"] for match in _ONE.finditer(label["who"])]
        yield from dict.fromkeys(name for who in found for name in _readings(who))


def may_point(text: str) -> bool:
    """Whether a turn of phrase that sends somebody anywhere is in the text, in any case, be it within a word."""
    if not text.isascii():
        for other, letter in _OTHER_CASES:
            text = text.replace(other, letter)
    lowered = text.lower()
    return any(part in lowered for part in _MAYBE)


def _readings(who: str) -> Iterator[str]:
    """`Mira Holm about` may be `Mira Holm` or `Mira`; a name begins with a capital letter."""
    if who.startswith("@"):
        yield who
        return
    words = who.split(" ")
    capital = next((n for n, word in enumerate(words) if not word[0].isupper()), len(words))
    for end in range(capital, 0, -1):
        yield " ".join(words[:end])
