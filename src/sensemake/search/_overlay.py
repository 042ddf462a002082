"""What was put, deleted and dropped and is not on disk yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from sensemake.model import PassageId, SiloName
from sensemake.search._exact import Held
from sensemake.search._selection import Lot

Numbers = Mapping[tuple[SiloName, str], int]
"""Change numbers by silo and partition."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """Changes to what is on disk. `mask` is all that must not be found there any more; `base` is how far the disk
    went when the first of these changes was made."""

    held: Mapping[PassageId, Held] = field(default_factory=dict)
    mask: Lot = field(default_factory=Lot)
    base: Numbers = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.held or self.mask)

    def put(self, entries: Iterable[Held]) -> Overlay:
        new = {one.passage.id: one for one in entries}
        return replace(self, held={**self.held, **new}, mask=self._masking(new))

    def delete(self, passages: Collection[PassageId]) -> Overlay:
        if not passages:
            return self
        gone = frozenset(passages)
        held = {id_: one for id_, one in self.held.items() if id_ not in gone}
        return replace(self, held=held, mask=self._masking(gone))

    def drop(self, silo: SiloName) -> Overlay:
        held = {id_: one for id_, one in self.held.items() if one.passage.silo != silo}
        return replace(self, held=held, mask=replace(self.mask, silos=self.mask.silos | {silo}))

    def discard(
        self, silo: SiloName, stored: frozenset[PassageId], base: Numbers, but: Set[PassageId] = frozenset()
    ) -> Overlay:
        """Without what was done to a silo, `but` these, of which `stored` are on disk now; `base` is how far that
        goes."""
        own = {id_ for id_, one in self.held.items() if one.passage.silo == silo and id_ not in but}
        held = {id_: one for id_, one in self.held.items() if id_ not in own}
        mask = replace(self.mask, passages=self.mask.passages - own - stored, silos=self.mask.silos - {silo})
        kept = {key: number for key, number in self.base.items() if key[0] != silo}
        return replace(self, held=held, mask=mask, base=kept | {k: n for k, n in base.items() if k[0] == silo})

    def _masking(self, passages: Iterable[PassageId]) -> Lot:
        return replace(self.mask, passages=self.mask.passages.union(passages))
