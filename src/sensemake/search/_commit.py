"""Makes an overlay durable: a new generation of each partition it touches, then one switch for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sensemake.errors import Locked
from sensemake.model import SiloName
from sensemake.protocols import Locks, Manifest
from sensemake.search._exact import Held
from sensemake.search._files import folder_of, remove, writing
from sensemake.search._overlay import Overlay
from sensemake.search._partition import Partition, too_many_dead, write_generation
from sensemake.search._selection import Lot
from sensemake.search._shelf import Shelf

WAIT = 5.0
"""Seconds that a commit waits for another writer of the same partition."""

TOGETHER = 8
"""Partitions written beside each other."""

Generations = Mapping[SiloName, tuple[str, int]]


def commit(
    shelf: Shelf, locks: Locks, overlay: Overlay, generations: Generations, numpy_up_to: int, *, erases: bool = False
) -> None:
    """Write `overlay`, note `generations`; nothing has changed when this raises.

    With `erases` every partition that holds something dead is written anew."""

    def concerned() -> frozenset[str]:
        return _concerned(shelf, overlay, generations) | (_with_dead(shelf) if erases else frozenset())

    names: frozenset[str] = frozenset()
    while not (needed := concerned()) <= names:
        names |= needed
        with _locked(locks, names):
            # Somebody may have moved a silo before we had the locks.
            if concerned() <= names:
                _write(shelf, _Plan(shelf, overlay, generations), names, numpy_up_to, erases=erases)
                _sweep(shelf, locks, names)
                return


def _with_dead(shelf: Shelf) -> frozenset[str]:
    every = ((name, shelf.partition(name)) for name in shelf.manifests())
    return frozenset(name for name, partition in every if partition is not None and partition.dead)


def _concerned(shelf: Shelf, overlay: Overlay, generations: Generations) -> frozenset[str]:
    """The partitions that get something, or may lose something."""
    manifests = shelf.manifests()
    silos = overlay.mask.silos | generations.keys() | {one.passage.silo for one in overlay.held.values()}
    targets = {one.partition for one in overlay.held.values()} | {name for name, _ in generations.values()}
    names = targets | {name for name, manifest in manifests.items() if not silos.isdisjoint(manifest.silos)}
    # A passage deleted by its id alone is looked for there first, and elsewhere only if it was not found.
    deleted = Lot(overlay.mask.passages - overlay.held.keys())
    missing = len(deleted.passages)
    for name in sorted(manifests, key=lambda name: (name not in names, name)):
        if not missing:
            break
        if (partition := shelf.partition(name)) is not None and (found := partition.count(deleted)):
            missing -= found
            names.add(name)
    return frozenset(names)


@contextmanager
def _locked(locks: Locks, names: frozenset[str]) -> Iterator[None]:
    """The writer locks of these partitions, always taken in the same order."""
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(locks.hold(f"index-{name}", wait=WAIT))
        yield


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of one partition."""

    old: Partition | None
    gone: Lot
    added: list[Held]
    silos: Mapping[SiloName, int]


class _Plan:
    """What is applied of an overlay, now that the locks are held and the manifests are the last ones."""

    def __init__(self, shelf: Shelf, overlay: Overlay, generations: Generations) -> None:
        self._shelf = shelf
        self._overlay = overlay
        self._stored = {key: number for key, number in shelf.numbers().items() if shelf.sound(key[1])}
        self._passed_over = frozenset(silo for silo in generations if self._is_passed_over(silo, *generations[silo]))
        self._generations = {s: noted for s, noted in generations.items() if s not in self._passed_over}
        self._added: dict[str, list[Held]] = {}
        for one in overlay.held.values():
            if one.passage.silo not in self._passed_over:
                self._added.setdefault(one.partition, []).append(one)

    def _is_passed_over(self, silo: SiloName, partition: str, number: int) -> bool:
        """Whether another process has been at this silo since, so that our changes must not be written.

        Either it has come as far as we or farther; or it lost what our changes build upon. Changes that rebuild the
        silo whole (it was dropped first) build upon nothing.
        """
        stored = self._stored.get((silo, partition), 0)
        base = self._overlay.base.get((silo, partition), 0) if self._overlay else stored
        if stored == base:
            return False
        return stored >= number or (stored < base and silo not in self._overlay.mask.silos)

    def step(self, name: str) -> _Step:
        manifest = self._shelf.manifests().get(name)
        before = manifest.silos if manifest is not None and self._shelf.sound(name) else {}
        dropped = self._overlay.mask.silos - self._passed_over
        moved = {silo for silo, (home, _) in self._generations.items() if home != name}
        leaving = frozenset(silo for silo in before if silo in dropped or silo in moved)
        added = [one for one in self._added.get(name, ()) if one.passage.silo not in moved]
        silos = {silo: number for silo, number in before.items() if silo not in leaving}
        silos |= {one.passage.silo: silos.get(one.passage.silo, 0) for one in added}
        silos |= {silo: number for silo, (home, number) in self._generations.items() if home == name}
        gone = Lot(self._overlay.mask.passages, leaving, spared=self._passed_over)
        return _Step(self._shelf.partition(name), gone, added, silos)


def _write(shelf: Shelf, plan: _Plan, names: frozenset[str], numpy_up_to: int, *, erases: bool) -> None:
    """Write the new generations, then switch to all of them at once.

    Most of the time for a small one the disk is waited for, so some are written beside each other."""
    switched: dict[str, Manifest | None] = {}
    written: list[Path] = []

    def advance(name: str) -> None:
        _advance(shelf, name, plan.step(name), numpy_up_to, switched, written, erases=erases)

    try:
        with writing(shelf.root), ThreadPoolExecutor(min(TOGETHER, max(1, len(names)))) as several:
            for _ in several.map(advance, sorted(names)):
                pass
    except BaseException:
        for folder in written:  # a full disk needs the room; after a crash the next commit does this
            remove(folder)
        raise
    if switched:
        shelf.replace(switched)


def _advance(
    shelf: Shelf,
    name: str,
    step: _Step,
    numpy_up_to: int,
    switched: dict[str, Manifest | None],
    written: list[Path],
    *,
    erases: bool,
) -> None:
    before = shelf.manifests().get(name)
    dying = step.old.count(step.gone) if step.old is not None else 0
    left = (step.old.words.passages if step.old is not None else 0) - dying + len(step.added)
    empty = Manifest(name, "", shelf.model_id, shelf.dim, {}, dict(step.silos))
    after: Manifest | None = empty if step.silos else None
    dead = dying + step.old.dead if step.old is not None else 0
    rewrite = step.old is None or (erases and dead > 0) or too_many_dead(step.old, step.gone, dying)
    if step.old is not None and not rewrite and not dying and not step.added:
        after = replace(step.old.manifest, silos=dict(step.silos))
    elif left:
        folder = _new_folder(shelf.root, name, before)
        written.append(folder)
        files = write_generation(
            folder,
            step.old,
            step.gone if dying else Lot(),
            step.added,
            dim=shelf.dim,
            numpy_up_to=numpy_up_to,
            rewrite=rewrite,
        )
        after = replace(empty, generation=folder.name, files=files)
    if after != before:
        switched[name] = after


def _new_folder(root: Path, name: str, before: Manifest | None) -> Path:
    """The next generation's folder: a number that neither the manifest nor a leftover has."""
    home = folder_of(root, name)
    taken = [path.name for path in home.iterdir()] if home.exists() else []
    numbers = [int(used) for used in (*taken, before.generation if before else "") if used.isdecimal()]
    return home / f"{max(numbers, default=0) + 1:08d}"


def _sweep(shelf: Shelf, locks: Locks, names: frozenset[str]) -> None:
    """Remove what no manifest names: old generations, and what a killed writer left behind."""
    manifests = shelf.manifests()
    for name in names:
        _keep_only(folder_of(shelf.root, name), manifests.get(name))
    known = {folder_of(shelf.root, name) for name in manifests.keys() | names}
    for folder in set(shelf.root.iterdir() if shelf.root.exists() else ()) - known:
        try:
            with locks.hold(f"index-{folder.name}"):
                if folder.name not in shelf.manifests():
                    remove(folder)
        except Locked:
            continue  # somebody is just making it


def _keep_only(home: Path, manifest: Manifest | None) -> None:
    if manifest is None or not manifest.generation:
        remove(home)
        return
    for folder in home.iterdir() if home.exists() else ():
        if folder.name != manifest.generation:
            remove(folder)
