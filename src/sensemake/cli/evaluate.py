"""`sensemake eval`: how good the answers are, by questions whose answers are known."""

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


COMMANDS: tuple[Command, ...] = (retrieval,)


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


def _gain(compared: Mapping[str, Any]) -> str:
    low, high = compared["interval"]
    return f"{compared['gain']:+.3f} ({low:+.3f} to {high:+.3f}, p {compared['p']:.3f})"


WIDTH = 22
"""Characters of a column."""
