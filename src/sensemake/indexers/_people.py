"""Reads people out of what is written where people are named: `Jane Doe <jane@x.org>`, `@jane`, `A, B and C`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sensemake.model import Handle, Profile

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_USER = re.compile(r"(?<![\w@./])@([A-Za-z0-9](?:[\w.-]*\w)?)(?![\w/])")
_TEAM = re.compile(r"@[\w.-]+/[\w./-]+")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|https?://\S+")
_AT_END = re.compile(r"(?<![\w@.])([A-Za-z0-9][\w-]*)@(?=$|[\s,;)])")
"""`jane@`, a user name as some companies write it."""
_AND = re.compile(r"\s*(?:[;|\n]|,?\s+(?:and|&|und|et|y|en)\s+|\s&\s)\s*")
_MARKUP = re.compile(r"[*`<>\"“”]|(?<!\w)_|_(?!\w)")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_EDGE = " \t-–—:.,/•"
_NOBODY = """
    tbd, tba, todo, n/a, na, none, null, nil, nobody, unknown, unspecified, anonymous, unassigned, various, pending,
    name, author, authors, someone, yourname, your-name, full name, first last, name surname, name / slack handle,
    handle, @handle, your-handle, @your-handle, username, @username, @user, @you, you, me, github handle, slack handle,
    user, admin, administrator, root, owner, default, guest, microsoft office user, windows user, office user,
    microsoft office, microsoft word, libreoffice, google docs, apache poi, docx4j, pptxgenjs, python-docx, openpyxl
"""
_PLACEHOLDERS = frozenset(word.strip() for word in _NOBODY.replace("\n", " ").split(","))
_BODY = re.compile(
    r"\b(?:department|ministry|administration|agency|office of|printing office|university|institute|bank of|foundation|"
    r"corporation|committee|council|association|inc|ltd|llc|gmbh|e\.v)\b|^the\s|\bU\.S\.",
    re.IGNORECASE,
)
"""Signs of an organisation, which programs note where a person belongs."""
_SYSTEMS = ("github", "gitlab", "slack", "mattermost", "zulip", "discord", "matrix")
_TITLES = frozenset({"phd", "ph.d", "ph.d.", "md", "jr", "jr.", "sr", "sr.", "dr", "dr.", "msc", "esq", "esq."})


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named in a text, and what the text says of the handle beside it."""

    handle: Handle
    profile: Profile | None = None


def named(value: object) -> Iterator[Named]:
    """Whoever `value` (a string, a list of them, or a mapping with name and e-mail) names; placeholders name nobody."""
    if isinstance(value, str):
        text = _AT_END.sub(r"@\1", _LINK.sub(r"\1", value[:2_000]))
        for piece in _pieces(text):
            yield from _one(piece)
    elif isinstance(value, list):
        for item in value[:200]:
            if isinstance(item, str | Mapping):
                yield from named(item)
    elif isinstance(value, Mapping):
        yield from _of_mapping(value)


def mentions(text: str) -> Iterator[str]:
    """The user names that a text calls, `@jane` as `jane`; no e-mail address, no `@team/group`."""
    for match in _USER.finditer(text):
        if not _is_placeholder(match[0]) and match[1].lower() not in _EVERYBODY:
            yield match[1].lower()


_EVERYBODY = frozenset({"here", "channel", "everyone", "all", "team"})


def noted(value: str) -> Iterator[Named]:
    """Whoever a program noted, no organisation: a list when each piece is a whole name, else one (`Doe, Jane`)."""
    for text in value.split(";"):
        pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
        if _BODY.search(text):
            pieces = [piece for piece in pieces if not _BODY.search(piece)]
            text = ", ".join(pieces)  # noqa: PLW2901 -- the same names, without what is nobody
        if all(" " in piece or "@" in piece for piece in pieces):
            yield from named(text)
        else:
            yield from _one(turned(text))


def turned(name: str) -> str:
    """`Doe, Jane` as `Jane Doe`."""
    last, _, first = (part.strip() for part in name.partition(","))
    return f"{first} {last}" if first and "," not in first and first.lower() not in _TITLES else name


def _of_mapping(value: Mapping[str, object]) -> Iterator[Named]:
    found = {str(key).lower(): item.strip() for key, item in value.items() if isinstance(item, str) and item.strip()}
    name = found.get("name") or found.get("full_name") or ""
    address = found.get("email") or found.get("mail") or ""
    user = found.get("user") or found.get("username") or found.get("handle") or ""
    system = next((key for key in _SYSTEMS if key in found), None)
    if system is not None and not address and not user:
        handle = Handle(system, found[system].lstrip("@").lower())
        yield Named(handle, Profile(handle, name=name) if name else None)
    else:
        yield from _one(f"{name} {'@' + user.lstrip('@') if user else ''} {f'<{address}>' if address else ''}")


def _pieces(text: str) -> Iterator[str]:
    for piece in _AND.split(text):
        words = [word.strip() for word in _outside_brackets(piece)]
        if len(words) == 2 and words[1].lower() in _TITLES:
            words = words[:1]
        yield from (word for word in words if word and word.lower() not in _TITLES)


def _outside_brackets(text: str) -> list[str]:
    """`text` cut at commas, but not at those in brackets."""
    pieces, depth = [""], 0
    for character in text:
        depth += (character in "([<") - (character in ")]>")
        if character == "," and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def _one(text: str) -> Iterator[Named]:
    """One person, whose surest handle stands for them and whose name goes beside it; or `@a @b`, one after another."""
    address, users = _EMAIL.search(text), list(_USER.finditer(text))
    user = users[0] if users else None
    name = _name(text)
    if len(users) > 1 and address is None:
        yield from (Named(Handle("user", name)) for name in mentions(text))
    elif address is not None:
        handle = Handle("email", address[0].lower().strip(".'"))
        yield Named(handle, Profile(handle, name=name, email=handle.value) if name else None)
    elif user is not None and not _is_placeholder(user[0]):
        handle = Handle("user", user[1].lower())
        yield Named(handle, Profile(handle, name=name) if name else None)
    elif name is not None:
        yield Named(Handle("name", name))
    elif (token := _MARKUP.sub("", text).strip(_EDGE)) and _is_token(token) and not _is_placeholder(token):
        yield Named(Handle("user", token.lower()))


def _name(text: str) -> str | None:
    """What is left as a name when addresses, user names, asides and markup are taken out."""
    bare = _TEAM.sub(" ", _MARKUP.sub(" ", _ASIDE.sub(" ", _USER.sub(" ", _EMAIL.sub(" ", text)))))
    name = " ".join(bare.partition(" / ")[0].split()).strip(_EDGE)
    if not name or len(name) > 60 or _is_placeholder(name) or not any(c.isalpha() for c in name):
        return None
    words = name.split()
    return name if len(words) <= 6 and (len(words) > 1 or name[0].isupper() or not name.isascii()) else None


def _is_token(text: str) -> bool:
    return len(text) <= 40 and re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*\w)?", text) is not None and not text.isdigit()


def _is_placeholder(text: str) -> bool:
    bare = " ".join(_MARKUP.sub("", text).split()).strip(" \t-–—:.,?!…[](){}").lower()
    return (
        not bare
        or bare in _PLACEHOLDERS
        or bare.partition(" ")[0] in {"tbd", "tba", "todo"}
        or bare.startswith("your ")
    )
