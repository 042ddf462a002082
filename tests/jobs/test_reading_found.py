"""Found passages are read when they are shown: few calls, and nothing that is gone or hidden by then."""

from __future__ import annotations

from collections.abc import Collection

from make import passage
from sensemake.jobs import search
from sensemake.model import Passage, PassageId, SiloName, Where

HERE = frozenset({SiloName("handbook")})
ALL = [passage(n, f"text {n}") for n in range(200)]


class Shelf:
    """Passages, and how often they were asked for."""

    def __init__(self, held: Collection[Passage]) -> None:
        self.held = {one.id: one for one in held}
        self.calls = 0

    def passages(self, ids: Collection[PassageId]) -> dict[PassageId, Passage]:
        self.calls += 1
        return {one: self.held[one] for one in ids if one in self.held}


def reader(shelf: Shelf) -> search.InOrder[Passage]:
    return search.reader(shelf, [one.id for one in ALL], Where(HERE, HERE))  # type: ignore[arg-type]


def test_all_are_read_in_a_few_calls_and_the_first_in_one() -> None:
    shelf = Shelf(ALL)
    read = reader(shelf)
    assert [read(one.id) for one in ALL[: search.READ_TOGETHER]] == ALL[: search.READ_TOGETHER]
    assert shelf.calls == 1
    assert [read(one.id) for one in ALL] == ALL
    assert shelf.calls == 3


def test_what_is_gone_or_may_no_more_be_found_says_nothing() -> None:
    hidden = passage(7, "a secret", silo="elsewhere", by=[])
    read = reader(Shelf([one if one.id != hidden.id else hidden for one in ALL if one.id != ALL[5].id]))
    for number in (5, 7):
        assert (read(ALL[number].id).text, read(ALL[number].id).document) == ("", "")
    assert read(ALL[6].id) == ALL[6]
