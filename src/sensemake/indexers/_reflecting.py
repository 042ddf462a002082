"""Tells what sort of reflection a document is, and makes documents of records of answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sensemake.indexers import _anonymous, _dates
from sensemake.indexers._chat import clean, title
from sensemake.indexers._fields import segment
from sensemake.indexers._people import Named, named
from sensemake.indexers._records import Record
from sensemake.model import Contribution, Document, Kind, Part, Role, Source

_FACET = 100
_REVIEW = (
    r"\b(?:supposed|expected|intended|planned|meant) to\b|\bdid we (?:expect|intend|plan|want)|^(?:plan|intent)\b",
    r"\bactually happen|\bdid happen|\bwhat happened\b|^(?:reality|actual)",
    r"\bwhy\b.*\b(?:differen|happen|it)|\bdifference|\bwent well\b|\bwhat (?:worked|caused)\b",
    r"\bnext time\b|\bdifferently\b|\blearn|\bsustain|\bimprove",
)
"""The four questions of an after-action review (US Army, TC 25-20, 1993): intent, event, cause, lesson."""
_SIGNS = {
    "incident-report": r"post-?\s?mortem|\bincident|\boutage|root cause",
    "retrospective": r"retro(?:spective)?s?\b|lessons? learned|what went (?:well|wrong)|did(?:n['’]t| not) go well",
    "journal": r"\bjournal|\bdiary|learning log|field ?notes",
}
_INCIDENT = re.compile(r"^\W*(?:impact|timeline|time to (?:repair|resolve)|resolution|action items)\b", re.I | re.M)
NAMES = re.compile(
    r"reflections?|retro(?:spective)?s?|post[-_ ]?mortems?|incidents?(?:[-_ ]?reports?)?|"
    r"after[-_ ]?action[-_ ]?reviews?|lessons?[-_ ]?learned|journals?|learning[-_ ]?logs?",
    re.IGNORECASE,
)
"""What folders of reflections are called."""


def template(name: str, headings: Iterable[str], text: str = "") -> str:
    """`after-action-review` when three of its four questions are asked, else what the name or the headings say.

    A `text` with two of the lines that every incident report has is one.
    """
    asked = [heading.casefold() for heading in headings]
    if sum(any(re.search(sign, heading) for heading in asked) for sign in _REVIEW) >= 3:
        return "after-action-review"
    for words in (name.replace("_", " ").casefold(), " \n".join(asked)):
        for sort, sign in _SIGNS.items():
            if re.search(sign, words):
                return sort
    lines = {match[0].casefold() for match in _INCIDENT.finditer("\n".join([*asked, text]))}
    return "incident-report" if len(lines) > 1 else "open"


def reflection(document: Document) -> Document:
    """A page as the reflection that it is."""
    headings = [heading for part in document.parts for heading in part.headings]
    sort = document.facets.get("template") or template(
        f"{document.title} {document.uri}", headings, "\n".join(part.text for part in document.parts)
    )
    return replace(document, kind=Kind.REFLECTION, facets={**document.facets, "template": sort})


def document(
    record: Record, about: Mapping[str, str], source: Source, *, uri: str, path: str, month_first: bool | None
) -> Document | None:
    """The document of a record; None when nobody wrote a word in it. `about` holds what is said of all of them.

    `called` is how they are titled where nothing says it; it is made of the file's name, so nothing anonymous has it.
    """
    said = {**about, **record.said}
    people = list(named(f"{said.get('author', '')} <{said['email']}>" if "email" in said else said.get("author", "")))
    author = people[0] if len(people) == 1 else None
    parts = tuple(_part(record, number, author) for number in range(1, len(record.answers) + 1))
    if not parts:
        return None
    made = Document(
        source=source,
        uri=f"{uri}/{segment(said['id']) if 'id' in said else record.place}",
        kind=Kind.REFLECTION,
        title=clean(said.get("title") or about["called"]),
        parts=parts,
        time=_time(said.get("time", ""), month_first=month_first),
        path=path,
        contributions=(Contribution(author.handle, Role.WROTE),) if author else (),
        facets=_facets(record, said),
        profiles=(author.profile,) if author and author.profile else (),
    )
    return _nobodys(made, said, about) if _anonymous.is_asked(said.get("anonymous", "")) else made


def _nobodys(document: Document, said: Mapping[str, str], about: Mapping[str, str]) -> Document:
    parts = tuple(replace(part, locator=part.locator.partition(";")[2]) for part in document.parts)
    plain = document if "title" in said else replace(document, title=title(said["template"], parts[0].text))
    also = [said.get("author", ""), said.get("email", ""), said.get("id", "") if "@" in said.get("id", "") else ""]
    return _anonymous.without_people(replace(plain, parts=parts), [*also, about["called"]])


def _part(record: Record, number: int, author: Named | None) -> Part:
    prompt, answer = (clean(found) for found in record.answers[number - 1])
    return Part(
        f"{prompt}\n{answer}" if prompt else answer,
        author=author.handle if author else None,
        locator=f"{record.place};answer={number}",
        headings=(prompt,) if prompt else (),
    )


def _time(said: str, *, month_first: bool | None) -> datetime | None:
    return _dates.parse(said) or _dates.find(said, month_first=month_first)


def _facets(record: Record, said: Mapping[str, str]) -> Mapping[str, str]:
    """Scales and choices under their own words; what is too long to be one is left out."""
    signs = {_short(clean(key)): " ".join(clean(value).split()) for key, value in record.signifiers.items()}
    known = {key: said[key] for key in ("template", "consent", "team") if key in said}
    return {**known, **{k: v for k, v in signs.items() if k and len(v) <= _FACET}}


def _short(text: str) -> str:
    return title(" ".join(text.split()), "") if len(text) <= 80 else title("", text).removeprefix(": ")
