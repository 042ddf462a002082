"""What a second export costs that overlaps the first by 90 %, made from a real Slack export.

    python eval/overlap.py [EXPORT.zip]

The messages are put in order of time; the first export holds about the first 95 %, the second the last 95 %, in whole
days (UTC) as Slack exports them; threads are cut off where an export begins or ends. Both are ingested into one
throw-away home with the hashing model, then the second once more.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sensemake.config import Settings
from sensemake.workspace import Workspace

EXPORT = Path(__file__).parents[2] / "shared/data/chat-formats/slack-slackdump-2026/olake-community.zip"
DAY = 86_400
ROOT_FILES = {"users.json", "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json"}


def sliced(source: Path, target: Path, wanted: Callable[[float], bool]) -> int:
    """Write the export with the messages of those times only; how many they are."""
    kept = 0
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".json") and name not in ROOT_FILES:
                messages = [m for m in json.loads(content) if wanted(float(m["ts"]))]
                kept += len(messages)
                content = json.dumps(messages).encode()
                if not messages:
                    continue
            new.writestr(name, content)
    return kept


def held(workspace: Workspace) -> Counter[tuple[str, str]]:
    """Every message by document and place."""
    corpus = workspace._catalog.corpus  # noqa: SLF001
    (status,) = workspace.sources(workspace.owner())
    documents = corpus.documents(corpus.known(status.source.id))
    return Counter((document.uri, part.locator) for document in documents.values() for part in document.parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, nargs="?", default=EXPORT)
    export: Path = parser.parse_args().export
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        sliced(export, place / "all.zip", lambda ts: times.append(ts) or True)
        times.sort()
        early, late = (times[place] // DAY * DAY for place in (len(times) // 20, -len(times) // 20))
        first = sliced(export, place / "1.zip", lambda ts: ts < late)
        second = sliced(export, place / "2.zip", lambda ts: ts >= early)
        print(f"{len(times)} messages; first export {first}, second {second}, in both {first + second - len(times)}")
        print("| ingest | documents | unchanged | passages | embedded | removed | held | twice | messages |")
        print("|---|---|---|---|---|---|---|---|---|")
        with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as workspace:
            before: set[str] = set()
            for name in ("1.zip", "2.zip", "2.zip"):
                r = workspace.ingest([place / name], "chat", workspace.owner(), allow_removals=True)
                found = held(workspace)
                documents = {uri for uri, _ in found}
                locators = Counter(locator for _, locator in found.elements())
                twice = sum(count - 1 for count in locators.values())
                print(
                    f"| {name} | {r.documents} | {r.unchanged} | {r.passages} | {r.embedded} | {r.removed} | "
                    f"{len(documents)} | {twice} | {sum(found.values())} |"
                )
                before |= documents
        with Workspace.open(Settings(home=place / "whole", model="hashing"), create=True) as workspace:
            r = workspace.ingest([place / "all.zip"], "chat", workspace.owner())
            whole = held(workspace)
            print(f"| all at once | {r.documents} | | {r.passages} | {r.embedded} | | | | {sum(whole.values())} |")
            print(f"the same messages in the same conversations as all at once: {whole == found}")


if __name__ == "__main__":
    main()
