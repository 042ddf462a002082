"""Reading people.csv."""

from __future__ import annotations

import pytest

from sensemake.errors import UsageError
from sensemake.model import Handle
from sensemake.rules.directory import parse


def test_columns_become_handles_groups_and_flags() -> None:
    ada, bo = parse(
        "\ufeffperson_id,name,emails,team,active,groups,slack,github\n"
        'p1,Ada Lind,Ada@Example.org;al@example.org,Lab,yes,"staff; board",U1,ada-l\n'
        "p2,,bo@example.org,,no,,,bo\n"
    )
    assert ada.handles == tuple(
        map(Handle.parse, ["email:ada@example.org", "email:al@example.org", "slack:U1", "github:ada-l"])
    )
    assert (ada.name, ada.team, ada.active, ada.groups) == ("Ada Lind", "Lab", True, {"staff", "board"})
    assert (bo.name, bo.team, bo.active, bo.groups) == ("bo", None, False, frozenset())


def test_email_may_be_in_the_singular_and_rows_may_be_short() -> None:
    (ada,) = parse("person_id,name,email\np1,Ada\n")
    assert ada.handles == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column 'person_id'"),
        ("name\nAda\n", "no column 'person_id'"),
        ("person_id,name\n,Ada\n", "line 2"),
        ("person_id\np1\np1\n", "twice"),
        ("person_id,groups\np1,sensemake:owner\n", "no group name"),
        ("person_id,groups\np1,slack:U9\n", "no group name"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse(text)
