"""`sensemake search`: passages that answer a question."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command

if TYPE_CHECKING:
    from rich.text import Text

    from sensemake.model import Filters, Hit, SearchAnswer

INDENT = "   "


@command(
    "search",
    'sensemake search "how do we read the tide tables"',
    'sensemake search "tide" --silo handbook --kind page --since 2026-01-01 -n 5',
    """sensemake search '"tide tables" author:ada -budget'""",
    'sensemake search "tide" --as ada --json',
)
def search(
    call: Call,
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A question or some words.")],
    filters: "Filters",
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, max=100, help="How many answers.")] = 10,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on after an earlier answer (`next_cursor`).")
    ] = None,
) -> None:
    """Find passages by meaning and by words.

    Each says who wrote it, when and where, why it was found, and how to open it. In TEXT, "a phrase" in quotes,
    -without, author:, in:, kind:, lang:, before: and after: narrow it (docs/search.md).
    """
    from sensemake.model import Query

    with call.workspace() as (workspace, asker):
        _show(call, workspace.search(Query(text, limit, filters, cursor), asker))


@command(
    "similar",
    "sensemake similar PASSAGE_ID",
    "sensemake similar PASSAGE_ID --silo handbook -n 3 --json",
)
def similar(
    call: Call,
    *,
    passage: Annotated[str, typer.Argument(metavar="PASSAGE_ID", help="A `passage_id` of a search result.")],
    filters: "Filters",
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, max=100, help="How many.")] = 10,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on after an earlier answer (`next_cursor`).")
    ] = None,
) -> None:
    """Find more like this: what other documents say that is nearest in meaning."""
    from sensemake.model import Query

    with call.workspace() as (workspace, asker):
        _show(call, workspace.similar(passage, Query("", limit, filters, cursor), asker))


def _show(call: Call, answer: "SearchAnswer") -> None:
    from sensemake import wire

    for leg in answer.degraded:
        call.screen.warn(f"the {leg} search could not be asked; sensemake doctor says why")
    if answer.changed:
        call.screen.warn("documents have changed since the page before: an answer may come twice or be missed")
    if call.json:
        call.screen.json(wire.search_json(answer))
    else:
        call.screen.lines(_shown(answer))


def _shown(answer: "SearchAnswer") -> Iterator["Text | str"]:
    if answer.abstained or not answer.hits:
        yield nothing_found(answer.nearest.themes, answer.nearest.people, answer.nearest.written)
        yield from _word_for_word(answer.query)
    for hit in answer.hits:
        yield from _hit(hit)
    if answer.next_cursor:
        yield f"More: add --cursor {answer.next_cursor}"


def nothing_found(themes: tuple[str, ...] = (), people: tuple[str, ...] = (), written: tuple[str, ...] = ()) -> str:
    """The honest answer, and where to look instead. `written` are the themes whose name a machine wrote."""
    said = "Nothing good found."
    if themes:
        told = (f"{safe.line(theme)}{' (machine-written)' if theme in written else ''}" for theme in themes)
        said += f" Nearest themes: {', '.join(told)}."
    if people:
        said += f" People: {', '.join(map(safe.line, people))}."
    return said


def _word_for_word(query: str) -> Iterator[str]:
    """Quotation marks narrow a question more than somebody who quotes may think."""
    from sensemake.rules.query_syntax import parse

    if phrases := parse(query).phrases:
        quoted = ", ".join(f"“{safe.line(phrase)}”" for phrase in phrases)
        yield f"Looked only where {quoted} stands word for word; without the quotation marks there may be more."


def _hit(hit: "Hit") -> Iterator["Text | str"]:
    from rich.text import Text

    passage = hit.passage
    place = " › ".join(dict.fromkeys(safe.line(part) for part in (passage.title, *passage.headings) if part))
    yield Text.assemble(f"{hit.rank:>2} ", (place, "bold"))
    yield Text(INDENT + " · ".join(_about(hit)), "dim")
    yield from _quoted(passage.text, hit.highlights)
    why = "pinned as the answer" if hit.pinned else f"found {_why(hit)}"
    yield Text(f"{INDENT}{why}; open {_way(hit)}", "dim")
    if hit.similar_count:
        yield Text(f"{INDENT}and {hit.similar_count} much like it", "dim")
    yield ""


def _about(hit: "Hit") -> Iterator[str]:
    """Who · date · silo · band, as far as they are known."""
    if hit.authors:
        yield ", ".join(map(safe.line, hit.authors))
    if hit.passage.time:
        yield f"{hit.passage.time:%Y-%m-%d}"
    yield safe.line(hit.passage.silo)
    yield f"{hit.band} match"


def _quoted(text: str, highlights: tuple[tuple[int, int], ...]) -> Iterator["Text"]:
    """The passage's lines with the matches marked; each piece is made safe by itself, so that the marks stay right."""
    from rich.text import Text

    whole = Text()
    at = 0
    for start, end in highlights:
        whole.append(safe.text(text[at:start])).append(safe.text(text[start:end]), "bold yellow")
        at = end
    whole.append(safe.text(text[at:]))
    for line in whole.split("\n"):
        yield Text(INDENT).append_text(line)


def _why(hit: "Hit") -> str:
    ways = [("meaning", hit.dense_rank), ("words", hit.lexical_rank)]
    return " and ".join(f"by {way} ({_ordinal(rank)})" for way, rank in ways if rank is not None) or "nearby"


def _way(hit: "Hit") -> str:
    """How to get to the place itself."""
    place = safe.line(hit.document.url or hit.document.path or hit.document.uri)
    return f"{place} {safe.line(hit.passage.locator)}".strip()


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
