"""Tells that something under some paths has changed, once it has been quiet for a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sensemake.errors import MissingPath, SensemakeError

QUIET = 1.0
"""Seconds of silence that end a burst of changes: a copy of many files is one burst."""
LONGEST = 30_000
"""Milliseconds after which a burst is told of though it goes on."""
GLANCE = 500
"""Milliseconds between two looks at whether to go on."""


def changes(
    paths: Sequence[Path], *, ignore: Path, quiet: float = QUIET, go_on: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Yield once as soon as it watches, then after every burst of changes. It ends when `go_on` says no.

    What changes while the caller is busy is told next. `ignore` (the home: an ingest writes there) is left out, and
    what editors and version control keep for themselves. A file is watched through its folder, for it may be replaced.
    """
    from watchfiles import watch

    wanted = [path.resolve() for path in paths]
    for path in wanted:
        if not path.exists():
            raise MissingPath(f"there is no {path}: check the path")
    bursts = watch(
        *sorted({path if path.is_dir() else path.parent for path in wanted}),
        watch_filter=_concerns(wanted, ignore.resolve()),
        debounce=LONGEST,
        step=max(50, int(quiet * 1000)),
        rust_timeout=GLANCE,
        yield_on_timeout=True,
        recursive=any(path.is_dir() for path in wanted),
    )
    watching = False
    try:
        for changed in bursts:
            if not go_on():
                return
            if changed or not watching:
                watching = True
                yield
    except (OSError, RuntimeError) as error:
        raise SensemakeError(
            f"{paths[0]} cannot be watched ({type(error).__name__}); call sensemake sync from time to time instead"
        ) from error


def _concerns(wanted: Sequence[Path], ignore: Path) -> Callable[[object, str], bool]:
    from watchfiles import DefaultFilter

    own = DefaultFilter()

    def concerns(change: object, name: str) -> bool:
        path = Path(name)
        inside = any(path.is_relative_to(each) for each in wanted)
        return inside and not path.is_relative_to(ignore) and own(change, name)  # type: ignore[arg-type]

    return concerns
