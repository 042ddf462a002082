"""Makes a document's parts of a file's sections: heading paths, places, dates; nothing is lost on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sensemake.indexers._people import named
from sensemake.indexers.formats.content import Section
from sensemake.model import Handle, Part

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_IN_PLACES = str.maketrans({"%": "%25", "/": "%2F", ";": "%3B", "\n": " "})


def parts(sections: Iterable[Section], dates: Iterable[datetime | None], title: str) -> tuple[Part, ...]:
    """The parts of a document called `title`, which as a heading is not repeated in the paths below it.

    `dates` are the sections' days.
    """
    cleaned = [_cleaned(section) for section in sections]
    places: Counter[str] = Counter()
    return tuple(_part(section, path, time, places) for section, path, time in _joined(_placed(cleaned, dates, title)))


def clean(text: str) -> str:
    """Without what no store takes and no eye sees: control characters, half characters."""
    return _CONTROLS.sub("", text).replace("\x0c", "\n").replace("\u2028", "\n").replace("\u2029", "\n")


_Placed = tuple[Section, tuple[str, ...], datetime | None]


def _cleaned(section: Section) -> Section:
    return replace(section, text=clean(section.text), heading=" ".join(clean(section.heading).split()))


def _placed(sections: Sequence[Section], dates: Iterable[datetime | None], title: str) -> Iterator[_Placed]:
    """Each section with its heading path and its date."""
    above: list[tuple[int, str]] = []
    naming = _naming(sections, title)
    for section, date in zip(sections, dates, strict=True):
        if section.headings is not None:
            yield section, section.headings, section.time
            continue
        if section.heading:
            while above and above[-1][0] >= section.level:
                above.pop()
            above.append((section.level, section.heading))
        path = tuple(entry[1] for entry in above if entry != naming)
        yield section, path, section.time or date


def _naming(sections: Sequence[Section], title: str) -> tuple[int, str] | None:
    """The heading that everything stands under, when it is the title over again (`KEP-12: Lease` and `Lease`)."""
    first = sections[0] if sections else None
    if first is None or not first.heading or any(s.heading and s.level <= first.level for s in sections[1:]):
        return None
    heading, known = first.heading.casefold(), title.casefold()
    return (first.level, first.heading) if heading in known or known in heading else None


def _joined(placed: Iterable[_Placed]) -> Iterator[_Placed]:
    """A heading without text of its own goes before the next section's text, or after the last one's."""
    waiting: list[str] = []
    last: _Placed | None = None
    for section, path, time in placed:
        lines = [section.heading] if section.heading else []
        if not section.text.strip():
            waiting += lines
            continue
        if last is not None:
            yield last
        text = "\n".join([*waiting, *lines, section.text.strip("\n")])
        waiting, last = [], (replace(section, text=text), path, time)
    if last is not None or waiting:
        section, path, time = last or (Section(""), (), None)
        yield replace(section, text="\n".join(filter(None, [section.text, *waiting]))), path, time


def _part(section: Section, path: tuple[str, ...], time: datetime | None, places: Counter[str]) -> Part:
    return Part(
        text=section.text,
        author=section.speaker or _author(section.author),
        time=time,
        locator=section.locator or _place(path, places),
        headings=path,
        mentions=tuple(Handle("user", name) for name in section.mentions),
    )


def _author(text: str) -> Handle | None:
    people = [person.handle for person in named(text)]
    return people[0] if len(people) == 1 else None


def _place(path: tuple[str, ...], places: Counter[str]) -> str:
    """`heading=Goals/Scope`, with `;n=2` for the second one of that path; empty for what stands before any heading."""
    if not path:
        return ""
    place = "heading=" + "/".join(heading.translate(_IN_PLACES) for heading in path)
    places[place] += 1
    return place if places[place] == 1 else f"{place};n={places[place]}"
