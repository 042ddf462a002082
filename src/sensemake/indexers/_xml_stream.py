"""Reads a large XML document piece by piece: no entities, no DTD, no network, and never all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_DEEPEST = 100


@dataclass(slots=True)
class Node:
    """An element without its namespace; `words` is the text in it and below it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    words: str = ""

    def find(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> Iterator[Node]:
        return (child for child in self.children if child.name == name)

    def text(self, name: str) -> str:
        """The text of the child of that name; empty when there is none."""
        child = self.find(name)
        return child.words.strip() if child is not None else ""


def elements(chunks: Iterable[bytes], wanted: frozenset[str]) -> Iterator[Node | Exception]:
    """Each element of these names as soon as it is whole; last, when the document breaks off, what was wrong."""
    from lxml import etree

    target = _Target(wanted)
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=False
    )
    try:
        for chunk in chunks:
            parser.feed(chunk)
            yield from target.take()
        parser.close()
        yield from target.take()
    except etree.XMLSyntaxError as error:
        yield from target.take()
        yield error


class _Target:
    """Keeps only what lies in a wanted element."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._open: list[tuple[Node, list[str]]] = []
        self._done: list[Node] = []

    def take(self) -> list[Node]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if self._open or name in self._wanted:
            if len(self._open) > _DEEPEST:
                raise RecursionError
            self._open.append((Node(name, dict(attributes)), []))

    def end(self, _: str) -> None:
        if not self._open:
            return
        node, words = self._open.pop()
        node.words = "".join(words)
        if self._open:
            self._open[-1][0].children.append(node)
        else:
            self._done.append(node)

    def data(self, words: str) -> None:
        if self._open:
            self._open[-1][1].append(words)

    def close(self) -> None:
        return None
