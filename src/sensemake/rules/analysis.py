"""Text → the terms it is found by: the same analysis for passages and for questions.

Words are Unicode NFKC and casefolded, accents kept, then stemmed by Snowball. An identifier (`kep-1234`, `snake_case`,
`v1.21`, `foo.bar`, `CamelCase`) gives itself and its parts, so that it is found by either. Han, Kana, Hangul and Thai,
written without spaces or glued to their particles, give bigrams of characters.

Stop words stay in the index and are left out of questions only: a question made of nothing else ("The Who") is still
answered, a word that is empty in one language and not in another ("die", "man") is not lost, a longer list needs no
new index, and speed hardly changes because the long postings are never read. It ranks no worse: nDCG@10 on SciFact
was 0.687 with them in the index and 0.685 without (5,183 abstracts, 300 questions).
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex
import Stemmer

from sensemake.model import Passage
from sensemake.rules.stopwords import STOPWORDS

LONGEST = 64
"""Characters of a term; longer words (base64, tracebacks' hashes) are cut, longer identifiers give their parts only."""


@dataclass(frozen=True, slots=True)
class Token:
    """A term, and the characters `text[start:end]` that it stands for."""

    term: str
    start: int
    end: int


def tokens(text: str, language: str | None = None) -> list[Token]:
    """All terms of `text`, in order; an identifier comes before its parts, which have offsets of their own.

    `language` is an ISO 639 code, with or without region. When it is None, or has no stemmer of its own, words in
    Latin script are stemmed as English and others by their script.
    """
    code = _code(language)
    return [
        Token(term, match.start() + start, match.start() + end)
        for match in _WORD.finditer(text)
        for term, start, end in _analysed(match.group(), code)
    ]


def places(text: str, wanted: Collection[str], language: str | None = None) -> list[tuple[int, int]]:
    """Where these terms stand: the start and end of each of `tokens` that is one of them."""
    code = _code(language)
    return [
        (match.start() + start, match.start() + end)
        for match in _WORD.finditer(text)
        for term, start, end in _analysed(match.group(), code)
        if term in wanted
    ]


def terms(text: str, *languages: str | None) -> tuple[str, ...]:
    """The terms of a question, each as often as it is said, in order (`words`)."""
    return tuple(term for word in words(text, *languages) for term in word)


def words(text: str, *languages: str | None) -> list[tuple[str, ...]]:
    """The words of a question, each with its terms in all of these languages (none: English).

    Stop words, of the first language, are left out unless nothing else is left.
    """
    codes = list(dict.fromkeys(_code(language) for language in languages)) or ["en"]
    spoken = [match.group() for match in _WORD.finditer(text)]
    stop = STOPWORDS.get(codes[0], frozenset())
    telling = [word for word in spoken if _fold(word) not in stop]
    found = (tuple(dict.fromkeys(t for code in codes for t in _terms([word], code))) for word in telling or spoken)
    return [word for word in found if word]


def index_terms(passage: Passage) -> list[str]:
    """The terms a passage is indexed by: those of its title, its headings and its text."""
    code = _code(passage.language)
    fields = (passage.title, *passage.headings, passage.text)
    return [term for field in fields for term in _terms((m.group() for m in _WORD.finditer(field)), code)]


def plain(text: str) -> tuple[str, ...]:
    """The words of `text` in order as they are said, for phrases: folded, not stemmed, the same in every language.

    An identifier is its parts; of scripts without spaces each character is a word.
    """
    return tuple(piece[:LONGEST] for run in _PART.findall(_fold(text)) for piece in _PLAIN.findall(run))


def _terms(words: Iterator[str] | list[str], code: str) -> Iterator[str]:
    return (term for word in words for term, _, _ in _analysed(word, code))


# A word is letters, digits and marks; an identifier is words held together by single joiners.
_WORD = regex.compile(r"[^\W_]++(?:[-_.][^\W_]++)*+")
_PART = regex.compile(r"[^\W_]++")
_GLUED = r"\p{Han}\p{Hiragana}\p{Katakana}ーｰﾞﾟ\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = regex.compile(f"[{_GLUED}]++")
_PLAIN = regex.compile(f"[{_GLUED}]|[^{_GLUED}]++")
# Humps of CamelCase: HTTPServer2 → HTTP, Server2.
_HUMP = regex.compile(r"\p{Lu}++\p{N}*+(?=$)|\p{Lu}+\p{N}*+(?=\p{Lu}\p{Ll})|\p{Lu}?[^\p{Lu}]++|\p{Lu}++")
# KEPs and PRs are plurals, not humps.
_PLURAL = regex.compile(r"\p{Lu}{2,}s")

Piece = tuple[str, int, int]


@lru_cache(maxsize=1 << 16)
def _analysed(word: str, code: str) -> tuple[Piece, ...]:
    """The terms of one word as (term, start, end), offsets into the word."""
    parts = list(_PART.finditer(word))
    pieces = [piece for part in parts for piece in _shifted(_of_part(part.group(), code), part.start())]
    if len(parts) > 1 and len(word) <= LONGEST and not _UNSPACED.search(word):
        pieces.insert(0, (_fold(word)[:LONGEST], 0, len(word)))
    return tuple(pieces)


def _of_part(part: str, code: str) -> Iterator[Piece]:
    """The terms of a run of letters, digits and marks; Han and its like are cut out of it first."""
    position = 0
    for run in [] if part.isascii() else _UNSPACED.finditer(part):
        yield from _shifted(_of_plain(part[position : run.start()], code), position)
        yield from _shifted(_bigrams(run.group()), run.start())
        position = run.end()
    yield from _shifted(_of_plain(part[position:], code), position)


def _of_plain(part: str, code: str) -> Iterator[Piece]:
    """The part, then its humps if it is CamelCase. A few letters (ﷺ) are several words by NFKC."""
    for match in _PART.finditer(_fold(part)):
        yield _stem(match.group(), code)[:LONGEST], 0, len(part)
    if part.islower() or part.isupper() or part.istitle() or _PLURAL.fullmatch(part):
        return
    humps = list(_HUMP.finditer(part))
    for hump in humps if len(humps) > 1 else ():
        for match in _PART.finditer(_fold(hump.group())):
            yield _stem(match.group(), code)[:LONGEST], hump.start(), hump.end()


def _bigrams(run: str) -> Iterator[Piece]:
    """Pairs of neighbours. Where NFKC joins characters (half-width kana) each stands for the whole run."""
    folded = _fold(run)
    same = len(folded) == len(run)
    for i in range(max(1, len(folded) - 1)):
        pair = folded[i : i + 2]
        if not pair.isspace():
            yield "".join(pair.split()), i if same else 0, i + len(pair) if same else len(run)


def _shifted(pieces: Iterator[Piece], by: int) -> Iterator[Piece]:
    return ((term, start + by, end + by) for term, start, end in pieces)


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())


# ── stemming ─────────────────────────────────────────────────────────────────────────────────────

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_SCRIPTS = {
    "ARABIC": ("ar", "fa"), "ARMENIAN": ("hy",), "CYRILLIC": ("ru", "sr"), "DEVANAGARI": ("hi", "ne"),
    "GREEK": ("el",), "HEBREW": ("yi",), "TAMIL": ("ta",),
}  # fmt: skip
_OTHER_SCRIPTS = frozenset(code for codes in _SCRIPTS.values() for code in codes) - {"sr"}


def _code(language: str | None) -> str:
    """`de-AT` → `de`; `en` for None and for languages without a stemmer."""
    code = (language or "en").replace("_", "-").partition("-")[0].lower()
    return "no" if code in ("nb", "nn") else code if code in _STEMMERS else "en"


def _stem(word: str, code: str) -> str:
    script = "LATIN" if word.isascii() else unicodedata.name(word[0], "").partition(" ")[0]
    if script in _SCRIPTS:
        code = code if code in _SCRIPTS[script] else _SCRIPTS[script][0]
    elif code in _OTHER_SCRIPTS:
        code = "en"
    # A mark or an emptied word is better kept than lost.
    return str(_LOCAL.stemmer(code).stemWord(word)) or word


class _Stemmers(threading.local):
    """One Stemmer for each language and thread: they must not be shared (PyStemmer's documentation)."""

    def __init__(self) -> None:
        self._made: dict[str, Stemmer.Stemmer] = {}

    def stemmer(self, code: str) -> Stemmer.Stemmer:
        if code not in self._made:
            self._made[code] = Stemmer.Stemmer(_STEMMERS[code], 0)  # _analysed is the cache
        return self._made[code]


_LOCAL = _Stemmers()
