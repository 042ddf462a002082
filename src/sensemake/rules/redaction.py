"""Masks what should not be found: e-mail addresses, phone and account numbers, keys and other secrets, by pattern.

The forms of keys are those that their makers document and that detect-secrets (Apache-2.0) looks for; that library is
not used because its detectors bring a client by which they try keys out on the network. Numbers are checked by their
own sums (Luhn, ISO 13616), so that versions, hashes, dates, ids and UUIDs stay as they are. Repetitions are bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import regex

from sensemake.model import Document, Part

KINDS = ("email", "phone", "iban", "card", "secret")
"""What is masked, each as its name in brackets: `[email]`."""


def redacted(text: str) -> tuple[str, Counter[str]]:
    """The text with what it should not say masked, and how much of each kind that was."""
    found: Counter[str] = Counter()
    for rule in _RULES:
        if any(hint in text for hint in rule.hints):
            text = rule.pattern.sub(partial(_masked, rule, found), text)
    return text, found


def document(of: Document) -> tuple[Document, Counter[str]]:
    """The document with its texts masked. Who wrote it stays: a name on one's own words is no leak."""
    found: Counter[str] = Counter()

    def masked(text: str) -> str:
        clean, some = redacted(text)
        found.update(some)
        return clean

    done = replace(
        of,
        title=masked(of.title),
        parts=tuple(_part(part, masked) for part in of.parts),
        url=None if of.url is None else masked(of.url),
        facets={name: masked(value) for name, value in of.facets.items()},
    )
    return done, found


def _part(part: Part, masked: Callable[[str], str]) -> Part:
    return replace(part, text=masked(part.text), headings=tuple(map(masked, part.headings)))


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is in the group `mask` (or all of it) is masked, if `holds` says that it is one.

    A text without any of the `hints` cannot match: most texts are looked at no closer.
    """

    kind: str
    pattern: regex.Pattern[str]
    holds: Callable[[str], bool] = lambda _: True
    hints: tuple[str, ...] = ("",)


def _masked(rule: _Rule, found: Counter[str], match: regex.Match[str]) -> str:
    whole = match.group()
    part = match.groupdict().get("mask") or whole
    if not rule.holds(part):
        return whole
    found[rule.kind] += 1
    return whole.replace(part, f"[{rule.kind}]", 1) if part != whole else f"[{rule.kind}]"


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B, on the numbers that card networks give out."""
    digits = [int(c) for c in number if c.isdigit()]
    if not _NETWORKS.match("".join(map(str, digits))):
        return False
    doubled = (d if n % 2 == 0 else d * 2 - 9 * (d > 4) for n, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _iban(number: str) -> bool:
    """ISO 13616: moved round and read as a number, it leaves 1 by 97."""
    plain = "".join(number.split())
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _phone(number: str) -> bool:
    """As many digits as E.164 allows; in one piece it has to be long."""
    digits = sum(map(str.isdigit, number))
    return digits >= (8 if len(number) > digits + 1 else 10) and digits <= 15


def _looks_random(value: str) -> bool:
    """Letters and digits and no place-holder: a word or a name of something is not a password."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and not set(value) & set("<>{}$[]()")


_NETWORKS = regex.compile(r"(?:4\d{15}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d)\d{12})$")
_KEYS = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",  # AWS
        r"gh[pousr]_[0-9A-Za-z]{36,251}|github_pat_[0-9A-Za-z_]{22,244}",
        r"glpat-[0-9A-Za-z_-]{20,64}",
        r"xox[abeoprs]-[0-9A-Za-z-]{10,250}|xapp-[0-9A-Za-z-]{10,250}",  # Slack
        r"https://hooks\.slack\.com/(?:services|workflows)/[0-9A-Za-z/_-]{20,200}",
        r"[sr]k_live_[0-9A-Za-z]{16,247}",  # Stripe
        r"sk-(?:proj-|ant-)?[0-9A-Za-z_-]{32,200}",  # OpenAI, Anthropic
        r"AIza[0-9A-Za-z_-]{35}",  # Google
        r"npm_[0-9A-Za-z]{36}|pypi-AgEI[0-9A-Za-z_-]{50,1000}",
        r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",  # SendGrid
        r"eyJ[0-9A-Za-z_-]{10,2000}\.eyJ[0-9A-Za-z_-]{10,4000}\.[0-9A-Za-z_-]{10,1000}",  # JSON Web Token
    )
)
_WORDS = r"pass(?:word|wd|phrase)|pwd|api[_-]?key|(?:access|auth|secret|client)[_-]?(?:token|key|secret)"


def _rules() -> Iterator[_Rule]:
    key = r"-----BEGIN (?P<type>[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----"
    key += r"[\s\S]{0,20000}?(?:-----END (?P=type)-----|\Z)"
    yield _Rule("secret", regex.compile(key), hints=("PRIVATE KEY",))
    yield _Rule("secret", regex.compile(rf"(?<![0-9A-Za-z_-])(?:{_KEYS})(?![0-9A-Za-z])"))
    yield _Rule("secret", regex.compile(r"(?<=[a-z]://)(?P<mask>[^\s:/@]{1,100}:[^\s:/@]{1,200})@"), hints=("://",))
    said = rf"(?i)(?<![a-z])(?:{_WORDS})[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?P<mask>[^\s\"'`,;|]{{8,200}})"
    yield _Rule("secret", regex.compile(said), _looks_random, hints=(":", "="))
    mail = r"(?<![\w.+@-])(?!git@)[\w.%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![\w@-])"
    yield _Rule("email", regex.compile(mail), hints=("@",))
    yield _Rule("iban", regex.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?(?!\w)"), _iban)
    yield _Rule("card", regex.compile(r"(?<![\w.-])\d(?:[ -]?\d){14,15}(?![\w-]|\.\d)"), _luhn)
    abroad = r"(?<![\w.+*/=-])\+[1-9](?:[ ()./\u00a0-]{0,3}\d){6,14}(?!\w)"
    yield _Rule("phone", regex.compile(abroad), _phone, hints=("+",))
    american = r"(?<![\w.-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\w-])"
    yield _Rule("phone", regex.compile(american), hints=("-",))
    called = r"(?i)(?<!\w)(?:tel|telefon|phone|mobile?|cell|fax|handy|tél)\.?\s?[:.]?\s{0,2}"
    called += r"(?P<mask>[(0]\d?(?:[ ()/-]{0,2}\d){6,13})(?!\w)"
    yield _Rule("phone", regex.compile(called))


_RULES = tuple(_rules())
