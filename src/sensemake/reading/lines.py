"""What an indexer reads as JSON Lines: what `sensemake indexer run` prints and what a child answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sensemake import registry, wire
from sensemake.indexers import blame
from sensemake.model import Coverage, Document, ReadFailure, Source
from sensemake.protocols import Indexer, Piece, PieceByPiece

NEXT_SOURCE = b"-"
"""A line in place of a request: what comes next is another source's, for a worker that has seen nothing of this one."""

Item = Document | ReadFailure | Coverage


def line(item: Item) -> str:
    """As `sensemake indexer run` prints it: ASCII, whatever the terminal."""
    return json.dumps(wire.item_json(item))


def answer(item: Item) -> bytes:
    """The same for a parent: as short as it can be, with its end."""
    return json.dumps(wire.item_json(item), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def answered(line: bytes) -> Any:
    """What a child said. Raises ValueError when it is no JSON."""
    return json.loads(line.decode("utf-8", "surrogatepass"))


def items(indexer: Indexer, path: Path, source: Source, piece: Piece | None = None) -> Iterator[Item]:
    """What an indexer reads of a source, or of one piece of it; one that raises after all gives a failure."""
    try:
        yield from _read(indexer, path, source, piece)
    except Exception as error:  # noqa: BLE001 -- the edge to a stranger's indexer
        where = piece or Piece(str(path), "", {})
        reason, detail = blame.why(error, indexer.name, registry.version("indexers", indexer.name))
        yield ReadFailure(where.path, reason, detail, uri=where.uri, parser=indexer.name)


def _read(indexer: Indexer, path: Path, source: Source, piece: Piece | None) -> Iterable[Item]:
    if piece is None:
        return indexer.read(path, source)
    if not isinstance(indexer, PieceByPiece):
        raise TypeError(f"{indexer.name} reads no pieces")
    return indexer.read_piece(piece, source)


def request(number: int, source: Source, piece: Piece | None) -> bytes:
    """A line that asks a child for a source, or for one piece of it."""
    asked = {
        "of": number,
        "source": [source.silo, source.name, source.indexer, source.path, dict(source.options)],
        "piece": None if piece is None else [piece.path, piece.uri, dict(piece.about), piece.large],
    }
    return json.dumps(asked).encode() + b"\n"


def requested(line: bytes) -> tuple[int, Source, Piece | None]:
    asked: Mapping[str, Any] = json.loads(line)
    return asked["of"], Source(*asked["source"]), None if asked["piece"] is None else Piece(*asked["piece"])
