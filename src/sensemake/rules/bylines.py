"""Words that name people, as a corpus writes them where a speaker or an author stands: "Host: Mira Holm", "@mira".

A directory never holds everybody. What stands under "Attendees:", before an address, after "@" or in a row of names may
be somebody; it is taken for a name when at least half of all its uses are such, so that a place, a product or a subject
that is once written there stays what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import regex

SHARE = 0.5
"""Of a word's uses, those where somebody's name stands."""
ROW = 3
"""Lines in a row that hold nothing but a name each …"""
KNOWN = 1 / 3
"""… of which so many name somebody who is known, make the others names too."""
LONG, SHORT = 400, 100
"""Characters of a line that may hold a field for people, and of one that may hold a name alone."""

_PART = r"\p{Lu}[\p{L}\p{M}]*(?:['’.-]\p{L}[\p{L}\p{M}]*)*\.?"
_BETWEEN = r"(?:van|von|der|den|de|da|di|del|la|le|el|al|bin|ter|ten|zu|dos|du)"
_NAME = rf"{_PART}(?:[ ](?:{_BETWEEN}[ ])*{_PART}){{0,3}}"
_ROLES = (
    *("attendees?", "attendance", "participants?", "present", "hosts?", "host(?:ed)? by", "note[- ]?takers?", "cc"),
    *("scribes?", "facilitators?", "moderators?", "chair(?:person)?s?", "speakers?", "presenters?", "authors?"),
    *("editors?", "reviewers?", "approvers?", "maintainers?", "owners?", "contacts?", "written by", "by", "from"),
    "(?:signed-off|co-authored|reviewed|acked|tested|reported)-by",
    *("teilnehmer(?:[*:]?innen)?", "anwesend", "protokoll(?:ant(?:in)?)?", "moderation", "autor(?:in|en)?", "von"),
    *("aanwezig(?:en)?", "deelnemers?", "notulist", "voorzitter", "auteurs?", "door"),
    *("présente?s?", "participante?s?", "animat(?:eur|rice)", "secrétaire", "rédact(?:eur|rice)", "par"),
)
_ROLE = regex.compile(rf"^[\s>*_#|•-]*(?:{'|'.join(_ROLES)})[\s*_]*(?:[:：|]|$)[\s*_|]*(?P<who>.*)$", regex.I)
_ADDRESSED = regex.compile(rf"(?P<who>{_NAME})[ ]+(?:<[^<>\s@]+@[^<>\s]+>|\([^()\s@]+@[^()\s]+\))")
# "@mira", but no part of an address, of "@mira_bot", of "@org/team" or of a line "@dataclass" above some code.
_HANDLE = regex.compile(r"(?<![\p{L}\p{N}_@/.`-])@(?P<who>[\p{L}\p{N}]{2,})(?![\p{L}\p{N}_/(@]|[.-][\p{L}\p{N}])")
_ABOVE = regex.compile(r"(?m)^[ \t]*@\w+(?:\(.*)?$")
_TURN = regex.compile(rf"^\s*[-*•][ ]+\[@?(?P<who>{_NAME}|[\p{{L}}\p{{N}}_-]{{3,}})(?:[,/&][^\]]*)?\]")
_ALONE = regex.compile(rf"^\s*(?:[-*•]|\d+[.)])?[ ]*@?(?P<who>{_NAME})[ ]*(?:[,(–|-].*)?$")
_PARTED = r"[,;/&+]|\b(?:and|und|en|et)\b"
_EACH = regex.compile(rf"(?:^|{_PARTED})\s*@?(?P<who>{_NAME})(?=\s*(?:$|[(<\[]|{_PARTED}))")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}]*")


def name_words(texts: Sequence[str], known: Collection[str] = ()) -> frozenset[str]:
    """Words of names, as they are mostly written in these texts. `known` are names that are known anyhow."""
    lines = [text.splitlines() for text in texts]
    placed: Counter[str] = Counter()
    for text, own in zip(texts, lines, strict=True):
        placed.update(_words(_standing(text, own)))
    sure = folded(known) | folded(placed)
    for own in lines:
        placed.update(_words(_in_rows(own, sure)))
    return _mostly(placed, texts)


def names_alone(label: str, names: Collection[str]) -> bool:
    """Whether a label says nothing but words of these, which are folded: it is called after somebody."""
    words = _WORD.findall(label)
    return bool(words) and all(word.casefold() in names for word in words)


def folded(names: Iterable[str]) -> frozenset[str]:
    """The words of names, as `names_alone` wants them."""
    return frozenset(word.casefold() for name in names for word in _WORD.findall(name))


def _standing(text: str, lines: Sequence[str]) -> Iterator[str]:
    """Names by their place: after "@", before an address, in the brackets that open a note, in a field for people."""
    if "@" in text:
        yield from (match["who"] for match in _HANDLE.finditer(_ABOVE.sub("", text)))
        yield from (match["who"] for match in _ADDRESSED.finditer(text))
    listing = False
    for line in lines:
        if field := _ROLE.match(line) if len(line) <= LONG else None:
            yield from (match["who"] for match in _EACH.finditer(field["who"]))
            listing = not field["who"].strip()
        elif alone := _ALONE.match(line) if listing and len(line) <= SHORT else None:
            yield alone["who"]
        elif line.strip():
            listing = False
            if "[" in line and (turn := _TURN.match(line)):
                yield turn["who"]


def _in_rows(lines: Sequence[str], sure: Collection[str]) -> Iterator[str]:
    """The names of rows of lines with a name of two words each, when enough of them are known."""
    row: list[str] = []
    for line in (*lines, "."):
        found = _ALONE.match(line) if len(line) <= SHORT else None
        if found and " " in found["who"]:
            row.append(found["who"])
        elif line.strip():
            if len(row) >= ROW and sum(_all_known(who, sure) for who in row) >= KNOWN * len(row):
                yield from row
            row = []


def _all_known(who: str, sure: Collection[str]) -> bool:
    return all(word.casefold() in sure for word in _WORD.findall(who))


def _words(names: Iterable[str]) -> Iterator[str]:
    """Words of names, without short ones in capitals alone ("TBD") and single letters."""
    for name in names:
        yield from (word for word in _WORD.findall(name) if len(word) > 1 and not (word.isupper() and len(word) < 6))


def _mostly(placed: Counter[str], texts: Iterable[str]) -> frozenset[str]:
    """Those that stand where a name stands at least half of the times."""
    folded: Counter[str] = Counter()
    written: dict[str, str] = {}
    for word, times in sorted(placed.items(), key=lambda item: (-item[1], item[0])):
        folded[word.casefold()] += times
        written.setdefault(word.casefold(), word)
    uses: Counter[str] = Counter()
    for text in texts if folded else ():
        uses.update(word for word in _WORD.findall(text.casefold()) if word in folded)
    return frozenset(written[word] for word, times in folded.items() if times >= SHARE * uses[word])
