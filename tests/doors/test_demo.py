"""`sensemake demo`, over a fake workspace: it asks its four questions and ends with the address of its page."""

from __future__ import annotations

from command_line import CommandLine


def test_the_demo_ends_with_the_address_of_its_page(cli: CommandLine) -> None:
    done = cli("demo", "there")
    assert done.code == 0, done.err
    last = done.out.strip().splitlines()[-4:]
    assert last[0].startswith("── The search page")
    assert last[1].endswith(" serve")
    assert "--home" in last[1]
    assert last[3] == "prints a link that signs you in, once; others open http://127.0.0.1:8765/"
