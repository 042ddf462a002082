"""Turns bytes into text, or says that it cannot."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from sensemake.indexers._archives import Refused
from sensemake.model import Reason

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ODD = re.compile(
    "[\u00c2\u00c3\u00c5\u00c4][\u0080-\u00bf\u0152-\u0192\u2013-\u2122]|\u00e2[\u0080-\u009f\u20ac]|\u00ef\u00bb\u00bf"
)
"""How UTF-8 looks when it was read as Windows-1252 or Latin-1."""
_FEW = 0.01
"""The share of undecodable bytes up to which text that is otherwise UTF-8 is kept, each marked with U+FFFD."""
_SAMPLE = 1 << 18
_USUAL = "cp1252"


def text_of(data: bytes, declared: str | None = None) -> str:
    """The text of `data` with `\\n` line ends; the file's own mark wins, then UTF-8, `declared`, and a sure guess.

    Raises Refused: malformed when it is no text at all, bad_encoding when no encoding is sure.
    """
    return _repaired(_decoded(data, declared).replace("\r\n", "\n").replace("\r", "\n"))


def looks_binary(data: bytes) -> bool:
    """Whether it holds NUL bytes or many control characters, as no text does (a marked UTF-16 or UTF-32 does)."""
    if any(data.startswith(mark) for mark, _ in _MARKS):
        return False
    sample = data[:_SAMPLE]
    controls = sum(sample.count(byte) for byte in b"\x00\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14")
    return b"\x00" in sample or controls > len(sample) // 50


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if looks_binary(data):
        raise Refused(Reason.MALFORMED, "it holds bytes that no text has")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = _declared(data, declared) or _damaged_utf8(data) or _guessed(data) or _mostly_ascii(data)
    if text is None:
        raise Refused(Reason.BAD_ENCODING, "it is not UTF-8, and what else it may be is not sure: save it as UTF-8")
    return text


def _repaired(text: str) -> str:
    """Text that was once decoded in the wrong encoding (`Ã©` for é), set right line by line where that is sure.

    ftfy leaves alone whatever does not become less odd by it.
    """
    if _ODD.search(text) is None:
        return text
    from ftfy import fix_encoding

    return "\n".join(fix_encoding(line) if _ODD.search(line) else line for line in text.split("\n"))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(Reason.BAD_ENCODING, f"it says that it is {encoding} and is not") from None


def _declared(data: bytes, declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        return data.decode(declared)
    except (LookupError, ValueError):
        return None


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 into which a few foreign bytes were pasted: they become U+FFFD, the rest is kept."""
    text = data.decode("utf-8", "replace")
    foreign = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - foreign
    return text if foreign <= _FEW * len(text) and foreign < whole else None


def _guessed(data: bytes) -> str | None:
    """Only a guess that its language bears out: short text without one reads well in a dozen encodings."""
    from charset_normalizer import from_bytes

    found = from_bytes(data[:_SAMPLE])
    best = found.best()
    if best is not None:
        best = next((match for match in found if _is_as_good(match, best)), best)
    if best is None or best.chaos >= 0.1 or not (best.coherence > 0.2 or _is_cjk(str(best))):
        return None
    try:
        return data.decode(_USUAL if _USUAL in best.could_be_from_charset else best.encoding)
    except UnicodeDecodeError:
        return None


def _is_as_good(match: CharsetMatch, best: CharsetMatch) -> bool:
    """Western European text reads nearly as well in its neighbours' encodings: the usual one goes first then."""
    is_usual = _USUAL in match.could_be_from_charset
    return is_usual and match.chaos <= best.chaos + 0.01 and match.coherence >= best.coherence - 0.05


def _is_cjk(text: str) -> bool:
    wide = sum("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3" for character in text)
    return wide >= 8 and wide > len(text) // 4


def _mostly_ascii(data: bytes) -> str | None:
    """A few bytes of an unknown encoding in a long ASCII text are no reason to lose the text."""
    text = data.decode("utf-8", "replace")
    return text if text.count("\ufffd") <= _FEW * len(text) / 5 else None
