"""The contract of locks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import sleep

from sensemake.errors import Locked, NotFound
from sensemake.testing.catalog.base import CatalogContract, CatalogLike, all_at_once, refuses


class LocksContract(CatalogContract):
    """One holder at a time."""

    def test_a_second_holder_is_told_who_the_first_is(self, tmp_path: Path) -> None:
        def take(catalog: CatalogLike, wait: float) -> None:
            with catalog.locks.hold("ingest:open/handbook", wait=wait):
                pass

        with self.opened(tmp_path) as one, self.opened(tmp_path) as two:
            with one.locks.hold("ingest:open/handbook"), two.locks.hold("ingest:open/wiki"):
                error = refuses(Locked, lambda: take(two, 0))
                assert "another ingest of 'open/handbook' (process " in str(error)
                refuses(Locked, lambda: take(two, 0.05))
            with two.locks.hold("ingest:open/handbook"):
                pass

    def test_who_waits_gets_it(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            held: list[int] = []

            def hold(number: int) -> None:
                with catalog.locks.hold("x", wait=20):
                    held.append(number)
                    assert len(held) == 1
                    held.clear()

            all_at_once([partial(hold, number) for number in range(5)])

    def test_who_waits_is_not_overtaken_for_ever(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            held: list[str] = []

            def busy() -> None:
                for _ in range(25):
                    with catalog.locks.hold("x", wait=20):
                        held.append("busy")
                        sleep(0.02)

            def patient() -> None:
                sleep(0.05)
                with catalog.locks.hold("x", wait=20):
                    held.append("patient")

            all_at_once([busy, patient])
            assert held.index("patient") < 15

    def test_names_may_be_anything(self, tmp_path: Path) -> None:
        names = ["a/b", "a-b", "../../x", "x" * 400, "\U0001f9ed\0", "A-B", ""]
        with self.opened(tmp_path) as catalog:
            for name in names:
                with catalog.locks.hold(name):
                    for other in names:
                        if other != name:
                            with catalog.locks.hold(other):
                                pass

    def test_an_error_inside_lets_go(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def fail() -> None:
                with catalog.locks.hold("x"):
                    raise NotFound("on purpose")

            for _ in range(2):
                refuses(NotFound, fail)
