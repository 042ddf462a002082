"""Finds adapters by their entry points, ours and strangers' alike, and loads them when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from inspect import getdoc
from pathlib import Path
from typing import Any

from sensemake.errors import SensemakeError, UnsupportedPath, UsageError
from sensemake.protocols import Clusterer, Embedder, Indexer, Labeller, Reranker, SearchIndex, Writer


class BrokenPlugin(UserWarning):
    """An installed adapter that cannot be used; the others can."""


def names(seam: str) -> tuple[str, ...]:
    """What is installed for a seam (`indexers`, `embedders`, `rerankers`, `search`, `clusterers` …), sorted."""
    return tuple(sorted({point.name for point in _points(seam)}))


def indexer(name: str) -> Indexer:
    made: Indexer = _load("indexers", name)()
    return made


def embedder(name: str) -> Callable[..., Embedder]:
    """The class or function that makes it; what it is made with is up to who assembles it. So below."""
    return _load("embedders", name)


def reranker(name: str) -> Callable[..., Reranker]:
    return _load("rerankers", name)


def search_index(name: str) -> Callable[..., SearchIndex]:
    return _load("search", name)


def clusterer(name: str) -> Callable[..., Clusterer]:
    return _load("clusterers", name)


def labeller(name: str) -> Callable[..., Labeller]:
    return _load("labellers", name)


def writer(name: str) -> Callable[..., Writer]:
    return _load("writers", name)


def version(seam: str, name: str) -> str:
    """The version of the package that offers it; nothing for what nobody installed."""
    return next((point.dist.version for point in _points(seam) if point.name == name and point.dist), "")


def choose_indexer(path: Path, name: str | None = None) -> Indexer:
    """The indexer of that name, or else the highest bidder for `path`.

    Raises UsageError for an unknown name and for two equal highest bids, UnsupportedPath when nobody bids.
    """
    if name is not None:
        return indexer(name)
    bidders = list(_installed_indexers())
    bids = [(_bid(point, candidate, path), point, candidate) for point, candidate in bidders]
    highest = max((bid for bid, _, _ in bids), default=0)
    if highest <= 0:
        known = "; ".join(_reads(candidate) for _, candidate in bidders)
        raise UnsupportedPath(f"no indexer reads {path}. Installed: {known or 'none'}")
    best = [(point, candidate) for bid, point, candidate in bids if bid == highest]
    if len(best) > 1:
        both = " and ".join(f"{point.name} ({_package(point)})" for point, _ in best)
        raise UsageError(f"{both} are equally sure that they read {path}: choose one with --indexer NAME")
    return best[0][1]


def _points(seam: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"sensemake.{seam}"))


def _load(seam: str, name: str) -> Callable[..., Any]:
    """The object behind a name. Every way in which a stranger's package can fail is one error of ours."""
    points = [point for point in _points(seam) if point.name == name]
    if not points:
        raise UsageError(_unknown(seam, name))
    if len({point.value for point in points}) > 1:
        raise UsageError(f"{name!r} is offered by {' and '.join(sorted(map(_package, points)))}: uninstall one of them")
    try:
        loaded: Callable[..., Any] = points[0].load()
    except Exception as error:
        raise SensemakeError(_broken(points[0], error)) from error
    return loaded


def _installed_indexers() -> Iterator[tuple[EntryPoint, Indexer]]:
    """Every indexer that works; a warning for each that does not."""
    for point in sorted(set(_points("indexers")), key=lambda point: (point.name, point.value)):
        try:
            yield point, point.load()()
        except Exception as error:  # noqa: BLE001 -- a stranger's package may fail in any way
            warnings.warn(_broken(point, error), BrokenPlugin, stacklevel=2)


def _bid(point: EntryPoint, candidate: Indexer, path: Path) -> int:
    try:
        return candidate.sniff(path)
    except Exception as error:  # noqa: BLE001 -- as above
        warnings.warn(_broken(point, error), BrokenPlugin, stacklevel=2)
        return 0


def _unknown(seam: str, name: str) -> str:
    known = names(seam)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"installed: {', '.join(known) or 'none'}"
    return f"there is no {name!r} among the installed {seam}; {hint}"


def _broken(point: EntryPoint, error: Exception) -> str:
    return f"{point.name!r} of the package {_package(point)} cannot be used: {type(error).__name__}: {error}"


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module


def _reads(candidate: Indexer) -> str:
    """A name and the first sentence of its documentation."""
    about = (getdoc(type(candidate)) or "").partition("\n")[0].rstrip(".")
    return f"{candidate.name} ({about})" if about else candidate.name
