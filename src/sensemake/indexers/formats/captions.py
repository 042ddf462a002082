"""Reads transcripts of meetings and films (.vtt, .srt, .sbv): who said what, and when since the beginning."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import turns
from sensemake.indexers.formats.content import Content, Limits
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.turns import Said
from sensemake.model import Kind, Reason

_STAMP = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}"
_CUE = re.compile(rf"^[ \t]*{_STAMP}(?:[ \t]*-->[ \t]*|,){_STAMP}[^\n]*$", re.MULTILINE)
_ASIDE = re.compile(r"^(?:WEBVTT|NOTE|STYLE|REGION)(?=[ \t\n]|$)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^}]*\}")
_NAMED = re.compile(
    r"(?:>>|[-–])?[ \t]*(?P<who>[^\s:.!?<>][^:!?\n<>]{0,59}?)[ \t]*[:：][ \t]+(?P<text>\S.*)", re.DOTALL
)
_MARKER = re.compile(r"^(?:>>+|[-–])[ \t]*")
_USUAL = 0.3
"""The share of cues that begin with a name from which on a transcript names its speakers so (`Jane Doe: Hello`)."""


def read(data: bytes, limits: Limits) -> Content:
    """Raises Refused: malformed when there is no cue in it."""
    del limits
    cues = list(_cues(text_of(data)))
    if not cues:
        raise Refused(Reason.MALFORMED, "there is no time line (00:00:05.000 --> 00:00:07.000) in it")
    return Content(tuple(turns.sections(_said(cues), glue=" ")), kind=Kind.CONVERSATION)


def _cues(text: str) -> Iterator[tuple[str, str]]:
    """When each cue begins, and its lines. What stands between cues (numbers, notes, styles) is left out."""
    found = list(_CUE.finditer(text))
    for number, cue in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        yield _at(cue), _payload(text[cue.end() : end], is_last=number + 1 == len(found))


def _payload(text: str, *, is_last: bool) -> str:
    """The lines of a cue, without the next one's name, which stands right above its time line."""
    if not is_last:
        above, _, line = text.removesuffix("\n").rpartition("\n")
        if line.strip().isdigit() or not above.rpartition("\n")[2].strip():
            text = above
    blocks = (block.strip() for block in re.split(r"\n[ \t]*\n", text))
    return "\n".join(block for block in blocks if block and not _ASIDE.match(block))


def _at(cue: re.Match[str]) -> str:
    return f"{int(cue[1] or 0):02}:{int(cue[2]):02}:{cue[3]}"


def _said(cues: list[tuple[str, str]]) -> Iterator[Said]:
    """What is said, cue by cue. Captions that roll repeat their last line: it is said once."""
    has_voices = any(_VOICE.search(text) for _, text in cues)
    names = Counter[str]() if has_voices else _names(text for _, text in cues)
    last = ""
    for at, text in cues:
        for who, words in _voices(text) if has_voices else _named(text, names):
            lines = [line for line in words.split("\n") if line != last]
            last = lines[-1] if lines else last
            if lines:
                yield Said(who, " ".join(lines), at)


def _voices(text: str) -> Iterator[tuple[str, str]]:
    """The words under each `<v Name>`; those before the first one are nobody's."""
    before, *voices = _VOICE.split(text)
    for who, words in [("", before), *zip(voices[::2], voices[1::2], strict=True)]:
        if plain := _plain(words):
            yield html.unescape(who).strip(), plain


def _names(texts: Iterator[str]) -> Counter[str]:
    """The names that cues begin with, where this is how the transcript names its speakers; else none."""
    found: Counter[str] = Counter()
    cues = 0
    for text in texts:
        cues += 1
        if match := _NAMED.match(_plain(text)):
            found[match["who"]] += 1
    return found if found.total() >= _USUAL * cues else Counter()


def _named(text: str, names: Counter[str]) -> Iterator[tuple[str, str]]:
    """The words of each line's speaker; a line without a name goes on with the one above, in its cue."""
    who, lines = "", list[str]()
    for line in _plain(text).split("\n"):
        match = _NAMED.match(line) if names else None
        if match is not None and match["who"] in names:
            if lines:
                yield who, "\n".join(lines)
            who, lines = match["who"], [match["text"]]
        elif bare := _MARKER.sub("", line):
            lines.append(bare)
    if lines:
        yield who, "\n".join(lines)


def _plain(text: str) -> str:
    """Without tags, entities as characters, no empty line."""
    lines = (" ".join(html.unescape(_TAG.sub("", line)).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
