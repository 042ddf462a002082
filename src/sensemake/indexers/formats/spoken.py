"""Tells who speaks in minutes that set a name in bold above what was said (`**Jane Doe**`), as transcripts do."""

from __future__ import annotations

import re
from collections import Counter

_NAMED = re.compile(r"^[ \t]{0,3}\*\*([^\s*:][^*\n:]{0,39}?)[ \t]*(?::[ \t]*\*\*|\*\*[ \t]*(?::|$))", re.MULTILINE)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: (?:\([^()]*\)|\||[^\W\d_][\w.'’-]*)){0,4}")
_FULL = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: [a-z]{1,3})? [^\W\d_a-z][\w.'’-]*")
_TOPICS = frozenset(
    "actions action agenda answer answers attendees background comment comments conclusion cons context decision "
    "decisions description discussion example examples goal goals impact introduction links motivation notes note "
    "outcome overview participants presentation problem proposal pros question questions reference references "
    "resolution result results risks solution status summary timeline todo topic topics update updates warning next "
    "current other important recording date time moderator facilitator host meeting video audio suggestion phase "
    "option step part item day testnet mainnet devnet spec specs client clients team release".split()
)
_TURNS, _AGAIN, _KNOWN = 6, 3, 2
"""Lines from which on a page is taken for a transcript, how often one name must come, how many be known as names."""


def speakers(text: str) -> frozenset[str]:
    """The names above turns; none where a page only has words in bold, as labels that come again and again."""
    found = Counter(" ".join(name.split()) for name in _NAMED.findall(text))
    names = {name: count for name, count in found.items() if _is_name(name) and (count > 1 or _FULL.match(name))}
    is_spoken = len(names) > 1 and sum(names.values()) >= _TURNS and max(names.values()) >= _AGAIN
    if not is_spoken or 2 * sum(names.values()) <= found.total():
        return frozenset()
    return frozenset(names) if sum(_is_a_persons(name, text) for name in names) >= _KNOWN else frozenset()


def _is_name(text: str) -> bool:
    """One word, or several of which each has a capital, but for the short ones (`van der Berg`)."""
    bare = re.sub(r"\([^()]*\)", "", text).split()
    is_proper = len(bare) == 1 or all(len(word) <= 3 or not word[0].islower() for word in bare)
    return is_proper and _NAME.fullmatch(text) is not None and _TOPICS.isdisjoint(text.lower().split())


def _is_a_persons(name: str, text: str) -> bool:
    """A full name, or a first name that the page gives in full elsewhere, as among those present."""
    first = re.escape(name.split(maxsplit=1)[0])
    return _FULL.match(name) is not None or re.search(rf"(?<![\w*]){first} [A-Z][\w'’-]+", text) is not None
