"""What becomes of the messages of real chat exports, and how long each phase of their ingest takes.

    python eval/chat.py [--data FOLDER] [--only NAME …] [--sample 1000]

Every export is read by its indexer as `sensemake indexer run` does, then cut into passages, then ingested into a
throw-away home with the hashing model, so that catalog and index are measured without the hours of embedding. How fast
the bundled model embeds is measured on the first SAMPLE passages of each export.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sensemake import registry
from sensemake.config import Settings
from sensemake.indexers._chat import Tally
from sensemake.model import Document, Passage, ReadFailure, SiloName, Source
from sensemake.rules import chunking
from sensemake.workspace import Workspace, engine

DATA = Path(__file__).parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Export:
    name: str
    path: str
    indexer: str
    options: dict[str, str] = field(default_factory=dict)


EXPORTS = (
    Export("Slack 2016, native", "chat-formats/slack-native-2016/*.zip", "slack"),
    Export("Slack 2026, slackdump", "chat-formats/slack-slackdump-2026/*.zip", "slack"),
    Export("Discord, 60 days", "chat-formats/discord-eth-archive", "channel-folders"),
    Export("IRC 2010, HTML-marked", "chat-formats/irc-duraspace", "irc"),
    Export("IRC, W3C", "chat-formats/irc-w3ctag", "irc"),
    Export("Teams, Graph samples", "chat-formats/teams-graph-api", "teams", {"include_private": "yes"}),
    Export("Telegram sample", "chat-formats/messenger-synthetic/telegram", "telegram", {"include_private": "yes"}),
    Export("WhatsApp sample", "chat-formats/messenger-synthetic/whatsapp", "whatsapp", {"include_private": "yes"}),
    Export("Signal sample", "chat-formats/messenger-synthetic/signal", "whatsapp", {"include_private": "yes"}),
    Export("Ethereum, Discord archive", "org-ethereum/raw/chat/*.tar.xz", "channel-folders"),
)


@dataclass
class Measured:
    """One export's figures; times in seconds."""

    tally: Tally
    documents: int
    failures: Counter[str]
    passages: int
    longest: int
    together: int
    reading: float
    cutting: float
    catalog: float = 0.0
    indexing: float = 0.0
    per_second: float = 0.0


def measure(export: Export, path: Path, sample: int) -> Measured:
    reader = registry.indexer(export.indexer)
    source = Source(SiloName("bench"), "export", export.indexer, str(path), export.options)
    began = time.perf_counter()
    items = list(reader.read(path, source))
    read = time.perf_counter()
    documents = [item for item in items if isinstance(item, Document)]
    for document in documents[:1]:
        chunking.split(document)  # what tells languages apart is loaded before the clock starts
    cutting = time.perf_counter()
    cut = [chunking.split(document) for document in documents]
    found = Measured(
        tally=getattr(reader, "tally", Tally()),
        documents=len(documents),
        failures=Counter(str(item.reason) for item in items if isinstance(item, ReadFailure)),
        passages=sum(map(len, cut)),
        longest=max(map(len, cut), default=0),
        together=sum(len(passages) > 1 for passages in cut),
        reading=read - began,
        cutting=time.perf_counter() - cutting,
    )
    whole, indexing = _ingested(export, path)
    found.indexing = indexing
    found.catalog = whole - indexing - found.reading - found.cutting
    found.per_second = _embedding_rate([p for passages in cut for p in passages][:sample])
    return found


def _ingested(export: Export, path: Path) -> tuple[float, float]:
    """Seconds of an ingest with the hashing model, and those of them that went into the index."""
    stages: dict[str, float] = {}

    def progress(stage: str, _done: int, _total: int | None) -> None:
        stages[stage] = time.perf_counter()

    private = export.options.get("include_private") == "yes"
    with (
        tempfile.TemporaryDirectory() as home,
        Workspace.open(Settings(home=Path(home), model="hashing"), create=True) as workspace,
    ):
        began = time.perf_counter()
        workspace.ingest(
            [path], "bench", workspace.owner(), indexer=export.indexer, include_private=private, progress=progress
        )
        ended = time.perf_counter()
    return ended - began, ended - stages.get("embedding", ended)


def _embedding_rate(passages: Sequence[Passage]) -> float:
    """Passages a second of the bundled model, loaded before the clock starts."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        embedder = registry.embedder("onnx")(engine.model_cache(settings), precision=settings.precision)
        embedder.passages(["warm up"])
        began = time.perf_counter()
        embedder.passages([passage.embedded for passage in passages])
        return len(passages) / (time.perf_counter() - began) if passages else 0.0


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counted.most_common()) or "none"


def _rows(export: Export, found: Measured) -> Iterator[Sequence[str]]:
    tally, conversations = found.tally, found.documents
    yield (
        export.name,
        f"{tally.read:,}",
        f"{tally.kept:,}",
        _counts(tally.dropped),
        f"{tally.left_out:,}",
        _counts(found.failures),
        f"{conversations:,}",
        f"{found.passages:,}",
        f"{found.passages / conversations if conversations else 0:.2f}",
        f"{found.longest:,}",
        f"{100 * found.together / conversations if conversations else 0:.0f} %",
    )
    yield (
        export.name,
        *(f"{seconds:,.1f}" for seconds in (found.reading, found.cutting, found.catalog, found.indexing)),
        f"{found.passages / found.per_second if found.per_second else 0:,.0f} ({found.per_second:.0f}/s)",
    )


COUNTS = (
    "export|messages read|kept|dropped|rooms left out|failures|conversations|passages|mean a conversation|most|"
    "more than one"
)
TIMES = "export|reading and threading, s|cutting, s|catalog, s|index, s|embedding, s (rate on the sample)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--sample", type=int, default=1000)
    asked = parser.parse_args()
    tables: tuple[list[Sequence[str]], list[Sequence[str]]] = ([], [])
    for export in EXPORTS:
        paths = sorted(asked.data.glob(export.path))
        if asked.only and export.name not in asked.only:
            continue
        if not paths:
            print(f"{export.name}: not here, left out")
            continue
        for table, row in zip(tables, _rows(export, measure(export, paths[0], asked.sample)), strict=True):
            table.append(row)
    for head, table in zip((COUNTS, TIMES), tables, strict=True):
        columns = head.split("|")
        print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        for row in table:
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
