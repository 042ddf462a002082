"""`sensemake who`: people who know about a topic, with the passages that say so."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.cli.search import INDENT, nothing_found

if TYPE_CHECKING:
    from rich.text import Text

    from sensemake.model import Evidence, Expert, ExpertsAnswer, Filters

SHOWN_EVIDENCE = 3
QUOTE = 100
"""Characters of a passage that are quoted."""


@command(
    "who",
    'sensemake who "tide tables"',
    'sensemake who "tide" -n 3 --silo handbook --json',
    'sensemake who "tide tables" --explain',
)
def who(
    call: Call,
    *,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="What they should know about.")],
    filters: "Filters",
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, max=100, help="How many people.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each passage weighs, and why.")] = False,
) -> None:
    """Find who knows about a topic.

    Nobody is named without evidence that you may read.
    """
    from sensemake import wire
    from sensemake.model import Query

    with call.workspace() as (workspace, asker):
        answer = workspace.who(Query(topic, limit, filters), asker)
    if call.json:
        call.screen.json(wire.experts_json(answer, explain=explain))
    else:
        call.screen.lines(_shown(answer, explain=explain))


def _shown(answer: "ExpertsAnswer", *, explain: bool) -> Iterator["Text | str"]:
    if answer.abstained or not answer.experts:
        yield nothing_found()
    for expert in answer.experts:
        yield from _expert(expert, explain=explain)
    if answer.second:
        yield f"You may also ask {safe.line(answer.second.name)}, so that not everybody asks the same person."
    if answer.left_out:
        yield "Left out: " + ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in answer.left_out.items())


def _expert(expert: "Expert", *, explain: bool) -> Iterator["Text | str"]:
    from rich.text import Text

    about = [f"{expert.band} evidence", ", ".join(map(safe.line, expert.silos))]
    if expert.last_active:
        about.append(f"last active {expert.last_active:%Y-%m-%d}")
    yield Text.assemble(
        f"{expert.rank:>2} ", (safe.line(expert.person.name), "bold"), (f" · {' · '.join(about)}", "dim")
    )
    for evidence in expert.evidence[:SHOWN_EVIDENCE]:
        yield Text(INDENT + _evidence(evidence))
        if evidence.document.url:
            yield Text(f"{INDENT}  {safe.line(evidence.document.url)}", style="dim")
        if explain:
            yield Text(f"{INDENT}  {_terms(evidence)}", style="dim")
    for offer in expert.offers:
        yield Text(f"{INDENT}willing to help with {safe.line(offer)}")
    yield ""


def _evidence(evidence: "Evidence") -> str:
    passage = evidence.passage
    day = f"{passage.time:%Y-%m-%d}" if passage.time else "undated"
    quote = safe.line(passage.text)
    quote = quote if len(quote) <= QUOTE else quote[:QUOTE].rsplit(" ", 1)[0] + "…"
    return f"{evidence.role} {day} “{quote}” {safe.line(passage.title)} ({safe.line(passage.silo)})"


def _terms(evidence: "Evidence") -> str:
    """The factors of a weight: `0.41 = relevance 0.82 × role 1 × …`."""
    factors = " × ".join(f"{name.replace('_', ' ')} {value:.2g}" for name, value in evidence.terms.items())
    return f"{evidence.weight:.2g} = {factors}"
