"""`sensemake eval`: how good the answers are, by questions whose answers, and texts whose groups, are known."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sensemake.cli.command import Call, Command, command
from sensemake.errors import MissingPath, UsageError

if TYPE_CHECKING:
    from sensemake.evaluation.retrieval import Measured


@command(
    "retrieval",
    "sensemake eval retrieval judged",
    "sensemake eval retrieval judged --split test --json",
    "sensemake eval retrieval questions.csv",
)
def retrieval(
    call: Call,
    *,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder in BEIR layout, or a CSV of your own questions.")
    ],
    qrels: Annotated[Path | None, typer.Option("--qrels", metavar="FILE", help="The judgements to use.")] = None,
    split: Annotated[
        str | None, typer.Option("--split", metavar="NAME", help="Those of qrels/NAME.tsv; without, test.")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", metavar="XX", help="Only documents in this language.")] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Keep every question's figures, to compare with.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Compare with figures that were kept.")
    ] = None,
) -> None:
    """Measure search by questions with known answers: words alone, meaning alone, and both.

    A folder holds corpus.jsonl, queries.jsonl and qrels/ (packed or not); it is taken into a home that is thrown away.
    A CSV with the columns `question` and `expected` (a document's id, uri or title) is asked of your home.
    """
    if not path.exists():
        raise MissingPath(f"there is no {path}: check the path")
    earlier = _kept(against) if against else None
    if path.is_dir():
        found = _of_folder(call, path, qrels=qrels, split=split, lang=lang)
    elif qrels or split or lang:
        raise UsageError("--qrels, --split and --lang go with a folder in BEIR layout, not with a CSV")
    else:
        found = _of_home(call, path)
    from sensemake.evaluation import figures

    if save:
        save.write_text(json.dumps(figures.kept(found)), encoding="utf-8")
    told = figures.summary(found, earlier)
    if call.json:
        call.screen.json(told)
    else:
        call.screen.lines(_table(told))


@command(
    "experts",
    "sensemake eval experts known --people people.csv",
    "sensemake eval experts known --people people.csv --titles --json",
)
def experts(
    call: Call,
    *,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds queries.tsv and qrels.tsv.")],
    people: Annotated[
        Path, typer.Option("--people", metavar="FILE", help="The directory: only people in it are ranked.")
    ],
    titles: Annotated[bool, typer.Option("--titles", help="Ask the titles alone, without descriptions.")] = False,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Keep every question's figures.")] = None,
) -> None:
    """Measure who-knows by questions whose experts are known, asked of your home.

    queries.tsv has the columns query_id, title and description; qrels.tsv query_id, person_id and relevance.
    """
    from sensemake.cli.progress import Progress
    from sensemake.evaluation import experts as measuring

    if not folder.is_dir():
        raise MissingPath(f"there is no folder {folder}: check the path")
    judged = measuring.read_folder(folder, titles=titles)
    listed = measuring.read_people(people)
    with call.workspace() as (workspace, asker), Progress(call.screen) as progress:
        found = measuring.of_home(judged, listed, workspace, asker, progress=progress)
    if save:
        save.write_text(json.dumps(measuring.kept(found)), encoding="utf-8")
    told = measuring.summary(found)
    if call.json:
        call.screen.json(told)
    else:
        call.screen.lines(_people_table(told))


def _people_table(told: Mapping[str, Any]) -> Iterator[str]:
    """Means with 95 % intervals, and what stands behind them."""
    about = f"{told['questions']} questions, {told['people']} people who are known to know, "
    yield about + f"{told['abstained']} questions without an answer"
    for name, (low, high) in told["intervals"].items():
        yield f"{name.ljust(10)} {told[name]:.3f} ({low:.3f}–{high:.3f})"
    of = told["per_expert"]
    yield f"over people, each counted once: found among the first ten {of['Recall@10']:.3f}, MRR {of['MRR']:.3f}"
    for band, counted in told["bands"].items():
        yield f"{band} evidence: {counted['right']:.0%} of {counted['named']} named among the first five are judged so"


@command("themes", "sensemake eval themes labelled.tsv", "sensemake eval themes labelled.tsv --json")
def themes(
    call: Call,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="TSV, CSV or JSON Lines of id, label and text; packed or not.")
    ],
) -> None:
    """Measure themes by texts whose groups are known.

    The texts are taken into a home that is thrown away, and the map is the one that `themes build` makes. AMI and ARI
    say how far its finest themes agree with the labels (0 is chance, 1 the same), with the loose texts as one group of
    their own and without them.
    """
    from sensemake.cli.progress import Progress
    from sensemake.evaluation import labelled
    from sensemake.evaluation import themes as measured

    rows = labelled.read(file)
    call.screen.talk(f"{len(rows)} texts in {len({row.label for row in rows})} groups")
    with Progress(call.screen) as progress:
        found = measured.of_rows(rows, call.settings(), opened=call.opener, progress=progress)
    told = measured.summary(found)
    if call.json:
        call.screen.json(told)
    else:
        call.screen.lines(_themes(told))


COMMANDS: tuple[Command, ...] = (retrieval, experts, themes)


def _of_folder(call: Call, folder: Path, *, qrels: Path | None, split: str | None, lang: str | None) -> "Measured":
    from sensemake.cli.progress import Progress
    from sensemake.evaluation.judged import read_folder
    from sensemake.evaluation.retrieval import of_folder

    judged, texts = read_folder(folder, qrels=qrels, split=split, language=lang)
    call.screen.talk(f"{len(judged.questions)} questions on {len(texts)} documents")
    with Progress(call.screen) as progress:
        return of_folder(judged, texts, call.settings(), opened=call.opener, progress=progress)


def _of_home(call: Call, file: Path) -> "Measured":
    from sensemake.cli.progress import Progress
    from sensemake.evaluation.judged import read_table
    from sensemake.evaluation.retrieval import of_home

    judged = read_table(file)
    with call.workspace() as (workspace, asker), Progress(call.screen) as progress:
        return of_home(judged, workspace, asker, progress=progress)


def _kept(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is not one that --save wrote") from error


def _table(told: Mapping[str, Any]) -> Iterator[str]:
    """A line for each leg, with 95 % intervals, and what they come to."""
    legs = told["intervals"]
    names = list(next(iter(legs.values())))
    yield f"{told['questions']} questions".ljust(WIDTH) + "".join(name.ljust(WIDTH) for name in names)
    for leg, intervals in legs.items():
        cells = [f"{told[leg][name]:.3f} ({low:.3f}–{high:.3f})" for name, (low, high) in intervals.items()]
        yield leg.ljust(WIDTH) + "".join(cell.ljust(WIDTH) for cell in cells).rstrip()
    gain = told["gain"]
    yield f"hybrid over {gain['over']}: {_gain(gain)} nDCG@10"
    for leg in legs if "against" in told else ():
        yield f"{leg} against the earlier run: {_gain(told['against'][leg])} nDCG@10"


def _themes(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['items']} texts in {told['groups']} groups: {told['themes']} themes"
    yield f"{told['outlier_ratio']:.1%} in no theme"
    yield f"AMI {told['ami']:.3f}, without the loose {told['ami_without_outliers']:.3f}"
    yield f"ARI {told['ari']:.3f}, without the loose {told['ari_without_outliers']:.3f}"
    if told["npmi"] is not None:
        yield f"words: coherence (NPMI) {told['npmi']:.3f}, diversity {told['diversity']:.2f}"
    for level in told["levels"][1:]:
        yield f"level {level['level']}: {level['themes']} themes, AMI {level['ami']:.3f}"
    yield (
        f"{told['seconds']:.1f} s for the map ({told['seconds_reading']:.1f} s to read in), at most "
        f"{told['peak_memory_mb']} MB"
    )


def _gain(compared: Mapping[str, Any]) -> str:
    low, high = compared["interval"]
    return f"{compared['gain']:+.3f} ({low:+.3f} to {high:+.3f}, p {compared['p']:.3f})"


WIDTH = 22
"""Characters of a column."""
