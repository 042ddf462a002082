"""Takes everybody out of a document: no handle, no name of its author, no file name is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from sensemake.indexers._chat import title
from sensemake.model import Document, Part, stable_id

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_YES = frozenset({"true", "yes", "y", "1", "on", "anonymous"})
_PERSONAL = re.compile(
    r"\b(?:e-?mail|user-?name|name|phone|telephone|mobile|ip|address|author|respondent|participant|login|handle|id|token|"
    r"user|network|agent|birth\w*|path|file|url|link)\b",
    re.IGNORECASE,
)
SOMEBODY = "[somebody]"


def is_asked(value: object) -> bool:
    """Whether a field called `anonymous` says so."""
    return str(value).strip().lower() in _YES


def is_personal(column: str) -> bool:
    """Whether a column is called as what tells who somebody is."""
    return _PERSONAL.search(column.replace("_", " ").replace("-", " ")) is not None


def without_people(document: Document, also: Iterable[str] = ()) -> Document:
    """The document of nobody: it is called after its own words, and has the day, not the hour.

    The names of all whom the document knows, those in `also`, user names that it calls and every e-mail address are
    replaced in its text by `[somebody]`. What else in the words themselves tells who wrote them stays.
    """
    mask = _mask([*_names(document), *also])
    if _is_of_its_file(document):
        document = replace(document, title=title("", document.parts[0].text).removeprefix(": "))
    parts = tuple(_masked(part, mask) for part in document.parts)
    time = document.time
    prefix = document.uri.partition("/")[0]
    return replace(
        document,
        uri=f"{prefix}/anonymous/{stable_id(*(part.text for part in parts))[:16]}",
        title=mask.sub(SOMEBODY, document.title),
        parts=parts,
        time=time.replace(hour=0, minute=0, second=0, microsecond=0) if time else None,
        path="",
        url=None,
        contributions=(),
        profiles=(),
        facets=_kept(document.facets, mask),
    )


def _is_of_its_file(document: Document) -> bool:
    """Whether its title is only its file's name, which may be somebody's."""
    return re.sub(r"[\W_]+", "", document.title) == re.sub(r"[\W_]+", "", PurePosixPath(document.path).stem)


def _names(document: Document) -> Iterator[str]:
    handles = {contribution.handle for contribution in document.contributions}
    for part in document.parts:
        handles |= {part.author} if part.author is not None else set()
        handles |= set(part.mentions)
    yield from (handle.value for handle in handles)
    yield from (profile.name for profile in document.profiles if profile.name)


def _mask(names: Iterable[str]) -> re.Pattern[str]:
    """Finds e-mail addresses and these names as whole words, the longest first."""
    found = sorted({" ".join(name.split()) for name in names if name.strip()}, key=lambda name: (-len(name), name))
    words = (r"@?(?<!\w)" + r"\s+".join(map(re.escape, name.split())) + r"(?!\w)" for name in found)
    return re.compile("|".join([_EMAIL.pattern, *words]), re.IGNORECASE)


def _masked(part: Part, mask: re.Pattern[str]) -> Part:
    def hidden(text: str) -> str:
        return mask.sub(SOMEBODY, text)

    return replace(
        part,
        text=hidden(part.text),
        author=None,
        time=None,
        locator=hidden(part.locator),
        headings=tuple(hidden(heading) for heading in part.headings),
        mentions=(),
    )


def _kept(facets: Mapping[str, str], mask: re.Pattern[str]) -> Mapping[str, str]:
    return {key: mask.sub(SOMEBODY, value) for key, value in facets.items() if not is_personal(key)}
