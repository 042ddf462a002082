"""Does a long talk get cut where its subject changes? Threads of one real archive, put end to end.

    python eval/topic_shift.py [ARCHIVE.tar.xz]

Every thread folder of a channel is one subject. Threads of one channel are put end to end in random order (seed 7,
twelve times a channel) until there are 150 messages; the pauses between them are not looked at. Pk (Beeferman 1999) and
WindowDiff (Pevzner & Hearst 2002): lower is better. `near` is the share of cuts within two messages of a true border.
`dev` and `test` are channels by a hash: width and least length were chosen on `dev`.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sensemake import registry
from sensemake.indexers._chat import FEWEST, LONGEST, REMAINDER
from sensemake.model import Document, SiloName, Source, stable_id
from sensemake.rules.cohesion import weakest

ARCHIVE = Path(__file__).parents[2] / "shared/data/org-ethereum/raw/chat/discord-eth-rnd-archive.tar.xz"
Talk = tuple[list[str], list[int]]
"""Texts, and the places where a new subject begins."""


def threads(archive: Path) -> dict[str, list[list[str]]]:
    """Of each channel, the texts of each thread of six messages or more (at most 60)."""
    said: defaultdict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for item in registry.indexer("channel-folders").read(archive, Source(SiloName("x"), "x", "channel-folders", "")):
        if isinstance(item, Document) and (named := re.match(r"[^:]*:(.*)%2F_threads%2F(.*)/[^/]+$", item.uri)):
            said[named[1], named[2]] += [(part.time.timestamp(), part.text) for part in item.parts if part.time]
    found: defaultdict[str, list[list[str]]] = defaultdict(list)
    for (channel, _), messages in said.items():
        if len(messages) >= 6:
            found[channel].append([text for _, text in sorted(messages, key=lambda m: m[0])][:60])
    return found


def talks(found: dict[str, list[list[str]]], half: int) -> Iterator[Talk]:
    chance = random.Random(7)  # noqa: S311
    for channel, subjects in sorted(found.items()):
        if len(subjects) < 2 or int(stable_id(channel), 16) % 2 != half:
            continue
        for _ in range(12):
            order = chance.sample(subjects, len(subjects))
            texts: list[str] = []
            borders: list[int] = []
            for subject in order:
                texts += subject
                borders.append(len(texts))
                if len(texts) >= 150:
                    break
            if len(texts) >= 60:
                yield texts, borders[:-1]


def cohesive(texts: Sequence[str], fewest: int = FEWEST, width: int = 15) -> list[int]:
    cuts, start = [], 0
    while len(texts) - start > LONGEST:
        start += weakest(texts[start:], fewest, min(LONGEST, len(texts) - start - REMAINDER), width)
        cuts.append(start)
    return cuts


def differences(count: int, borders: Sequence[int], cuts: Sequence[int]) -> tuple[float, float]:
    """Pk and WindowDiff with a window of half the mean length of a subject."""
    window = max(2, round(count / (len(borders) + 1) / 2))
    places = range(1, count - window + 1)
    inside = [[sum(place <= b < place + window for b in marks) for place in places] for marks in (borders, cuts)]
    pairs = list(zip(*inside, strict=True))
    return sum((a > 0) != (b > 0) for a, b in pairs) / len(pairs), sum(a != b for a, b in pairs) / len(pairs)


WAYS: dict[str, Callable[[Sequence[str]], list[int]]] = {
    "never": lambda _: [],
    "after every 50": lambda texts: list(range(LONGEST, len(texts), LONGEST)),
    **{
        f"least shared, {width} wide, from {fewest}": lambda texts, w=width, f=fewest: cohesive(texts, f, w)
        for width, fewest in ((10, 15), (15, 15), (15, 25), (20, 15))
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, nargs="?", default=ARCHIVE)
    found = threads(parser.parse_args().archive)
    print("| half | cut | Pk | WindowDiff | near | cuts |\n|---|---|---|---|---|---|")
    for half, name in enumerate(("dev", "test")):
        made = list(talks(found, half))
        for way, cutting in WAYS.items():
            cuts = [cutting(texts) for texts, _ in made]
            scores = [differences(len(texts), borders, c) for (texts, borders), c in zip(made, cuts, strict=True)]
            pk, diff = (sum(column) / len(scores) for column in zip(*scores, strict=True))
            total = sum(map(len, cuts))
            pairs = zip(made, cuts, strict=True)
            near = sum(any(abs(cut - b) <= 2 for b in borders) for (_, borders), all_cuts in pairs for cut in all_cuts)
            share = f"{near / total:.2f}" if total else "–"
            print(f"| {name} ({len(made)}) | {way} | {pk:.3f} | {diff:.3f} | {share} | {total} |")


if __name__ == "__main__":
    main()
