"""The form of an API token: `smk_`, 43 characters of base 62 (256 random bits), and 6 of a checksum.

The checksum (CRC-32) tells a mistyped or foreign string from a token without a look into any store, and lets
scanners for leaked secrets be sure of a find (the form is GitHub's).
"""

from __future__ import annotations

import re
import zlib

PREFIX = "smk_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 43
"""Random digits of base 62: 256 bits."""

_FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{LENGTH}}})([0-9A-Za-z]{{6}})")


def secret(digits: str) -> str:
    """The secret made of `LENGTH` random `DIGITS`."""
    return f"{PREFIX}{digits}{_checksum(digits)}"


def whole(text: str) -> bool:
    """Whether this has the form of a token and its checksum holds."""
    found = _FORM.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits
