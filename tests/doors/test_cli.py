"""The commands: what they ask the workspace, and what they print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from command_line import CommandLine
from fake_workspace import DOCUMENTS, MAP, OWNER, FakeWorkspace

from sensemake import wire
from sensemake.errors import Locked, NotPermitted, ReadersConflict, SensemakeError, StoreFull
from sensemake.model import Query


def test_search_prints_who_when_where_why_and_how_to_open(cli: CommandLine) -> None:
    done = cli("search", "wipers")
    assert done.code == 0
    assert done.out.splitlines() == [
        " 1 Wipers › Top",
        "   Ada Alder · 2026-05-01 · handbook · strong match",
        "   Replace the wipers of a probe every spring.",
        "   found by meaning (3rd) and by words (1st); open https://wiki.example.org/wipers line=1",
        "",
    ]
    assert done.err == ""


def test_search_json_is_the_contract(cli: CommandLine) -> None:
    expected = wire.search_json(FakeWorkspace().search(Query("tide"), OWNER))
    assert cli("search", "tide", "--json").json == expected
    assert cli("--json", "search", "tide").json == expected


def test_an_honest_nothing_is_no_failure(cli: CommandLine) -> None:
    done = cli("search", "zzz")
    assert (done.code, done.out) == (0, "Nothing good found. Nearest themes: Reading the tide. People: Ada Alder.\n")
    assert cli("search", "zzz", "--json").json["abstained"] is True


def test_nothing_that_says_a_phrase_tells_that_it_was_looked_for(cli: CommandLine) -> None:
    out = cli("search", 'zzz "no such" words "nor these"').out.splitlines()
    assert out[0].startswith("Nothing good found.")
    assert out[1:] == [
        "Looked only where “no such”, “nor these” stands word for word; without the quotation marks there may be more."
    ]


def test_filters_reach_the_workspace(cli: CommandLine) -> None:
    assert [hit["silo"] for hit in cli("search", "tide", "--silo", "board", "--json").json["hits"]] == ["board"]
    assert len(cli("search", "tide", "-n", "1", "--json").json["hits"]) == 1


def test_as_another_sees_what_they_may_read(cli: CommandLine) -> None:
    assert {h["silo"] for h in cli("search", "tide", "--as", "bo", "--json").json["hits"]} == {"handbook"}
    assert {h["silo"] for h in cli("--as", "ada", "search", "tide", "--json").json["hits"]} == {"handbook", "board"}
    assert cli("search", "tide", "--as", "nobody").code == 1


def test_who_prints_people_with_dated_evidence(cli: CommandLine) -> None:
    out = cli("who", "wipers").out.splitlines()
    assert out[0] == " 1 Ada Alder · medium evidence · handbook · last active 2026-05-01"
    assert out[1] == "   wrote 2026-05-01 “Replace the wipers of a probe every spring.” Wipers (handbook)"
    assert out[-1] == "Left out: 1 opted out"
    assert cli("who", "zzz").out == "Nothing good found.\n"
    assert cli("who", "tide", "--json").json == wire.experts_json(FakeWorkspace().who(Query("tide"), OWNER))


def test_themes_are_listed_with_their_movement(cli: CommandLine) -> None:
    done = cli("themes", "list")
    assert done.out.startswith("↗ growing   Reading the tide · 3 documents · 1 people · handbook · t1\n")
    assert cli("themes", "list", "--json").json == wire.themes_json(MAP)
    assert cli("themes", "build", "--json").json == wire.themes_json(MAP)
    assert DOCUMENTS[0].id in cli("themes", "show", "t1").out
    assert cli("themes", "show", "Reading the tide", "--json").json["id"] == "t1"


def test_a_theme_that_is_not_there(cli: CommandLine) -> None:
    assert cli("themes", "show", "t9").code == 1
    cli.workspace.built = False
    done = cli("themes", "list")
    assert (done.code, done.out) == (1, "")
    assert "sensemake themes build" in done.err


def test_edits_of_themes_reach_the_workspace(cli: CommandLine) -> None:
    for words in (
        ["rename", "t1", "New"],
        ["merge", "t1", "--into", "t2"],
        ["split", "t1"],
        ["hide", "t1"],
        ["undo"],
    ):
        assert cli("themes", *words).code == 0
    assert [call for call in cli.workspace.calls if call.startswith("edit")] == [
        "edit_theme rename t1 {'label': 'New'}",
        "edit_theme merge t1 {'into': 't2'}",
        "edit_theme split t1 {}",
        "edit_theme hide t1 {}",
        "edit_theme undo  {}",
    ]


def test_a_report_goes_to_stdout_or_whole_into_a_file(cli: CommandLine) -> None:
    assert cli("report").out == "# Themes\n"
    assert cli("report", "--json").json["title"] == "Themes"
    done = cli("report", "-o", "report.html")
    assert (done.code, done.out, done.err) == (0, "", "wrote report.html\n")
    assert Path("report.html").read_text() == "<h1>Themes</h1>"
    assert [p.name for p in Path().iterdir()] == ["report.html"]
    assert cli("report", "-o", "missing/report.html").code != 0
    assert cli("report", "--title", "Ours").out == "# Ours\n"
    assert cli("report", "--schema").json["title"] == "A Sensemake report"
    assert cli("report", "--language", "tlh").code == 2


def test_ingest_counts_and_its_exit_codes(cli: CommandLine) -> None:
    folder = Path("pages")
    folder.mkdir()
    done = cli("ingest", "pages", "--silo", "new")
    assert (done.code, done.err) == (0, "sensemake: warning: nothing to read\n")
    (folder / "a.md").write_text("A")
    done = cli("ingest", "pages", "--silo", "new", "--json")
    assert (done.code, done.json["documents"], done.json["failures"]) == (0, 1, [])
    (folder / "b.md").touch()
    done = cli("ingest", "pages", "--silo", "new")
    assert done.code == 3
    assert done.out == "new: 1 documents (0 unchanged, 0 removed), 1 passages (1 embedded) in 0.5 s\n"
    assert done.err == "1 could not be read and are in quarantine:\nempty: b.md\n"
    assert cli("ingest", "pages/b.md", "--silo", "new").code == 1
    assert cli("ingest", "nowhere", "--silo", "new").code == 2


def test_only_what_makes_a_home_makes_one(cli: CommandLine) -> None:
    Path("a.md").write_text("A")
    cli("ingest", "a.md", "--silo", "new")
    cli("search", "tide")
    assert [opened["create"] for opened in cli.opened] == [True, False]


def test_reflections_come_from_one_place(cli: CommandLine) -> None:
    Path("notes.txt").write_text("noted")
    assert cli("reflect", "learnt", "--silo", "handbook").out.startswith("kept as ")
    assert set(cli("reflect", "--file", "notes.txt", "--silo", "handbook", "--json").json) == {"document_id"}
    assert cli("reflect", "--silo", "handbook").code == 2
    assert cli("reflect", "a", "--file", "notes.txt", "--silo", "handbook").code == 2
    assert cli("reflect", "  ", "--silo", "handbook").code == 2
    Path("bad.txt").write_bytes(b"\xff\xfe\xfa")
    assert "not UTF-8" in cli("reflect", "--file", "bad.txt", "--silo", "handbook").err
    assert cli("reflect", "--file", "absent.txt", "--silo", "handbook").code == 2


def test_doctor_fails_until_it_is_repaired(cli: CommandLine) -> None:
    done = cli("doctor")
    assert done.code == 1
    assert "error   index: damaged → sensemake doctor --repair" in done.out
    assert cli("doctor", "--repair").code == 0
    assert cli("doctor", "--json").json["findings"][0] == {"level": "ok", "what": "catalog", "found": "whole", "do": ""}


def test_silos_and_people_and_sources(cli: CommandLine) -> None:
    assert cli("silo", "list").out == "board: read by board\nhandbook: read by everyone\n"
    assert cli("silo", "grant", "board", "leads").code == 0
    assert cli("silo", "list", "--json").json["silos"][0] == {"name": "board", "readers": ["board", "leads"]}
    assert cli("silo", "revoke", "board", "leads").code == 0
    assert cli("silo", "add", "board").code == 2
    assert cli("person", "list").out == "Ada Alder (p1) · field\n"
    assert "email:ada@example.org" in cli("person", "show", "ADA@example.org").out
    assert "not named in answers" in cli("person", "opt-out", "ada").out
    assert cli("person", "opt-in", "ada", "--json").json["listed"] is True
    assert cli("person", "show", "nobody").code == 1
    assert (
        cli("sources", "list").out
        == "handbook/pages (files): 3 documents, 67% with authors, newest of 2026-05-01, 1 in quarantine, "
        "read 2026-05-01 09:30 UTC\n"
    )
    assert cli("sources", "list", "--json").json["sources"][0]["failures"][0]["reason"] == "encrypted"


def test_what_could_not_be_read(cli: CommandLine) -> None:
    assert cli("quarantine", "list").out == (
        "0123456789abcdef encrypted: pages/broken.pdf page=1 (a password is needed) · handbook/pages · "
        "files/pdf 0.1.0 · 2026-05-01\n"
    )
    (entry,) = cli("quarantine", "list", "--json").json["quarantine"]
    assert (entry["silo"], entry["source"], entry["parser"]) == ("handbook", "handbook/pages", "files/pdf")
    assert cli("quarantine", "retry").code == 0
    done = cli("quarantine", "retry", "0123456789abcdef", "--json")
    assert (done.code, done.json["tried"], done.json["left"]) == (3, 1, 0)
    assert cli("quarantine", "drop").code == 2
    assert cli("quarantine", "drop", "feed").code == 1
    assert cli("quarantine", "drop", "--all", "--json").json == {"dropped": 1}


def test_sources_are_read_again_and_forgotten(cli: CommandLine) -> None:
    done = cli("sync")
    assert (done.code, done.out) == (
        0,
        "handbook/pages: 3 documents (1 unchanged, 0 removed), 2 passages (1 embedded) in 0.5 s\n",
    )
    (synced,) = cli("sync", "pages", "--allow-removals", "--json").json["sources"]
    assert (synced["source"], synced["error"], synced["report"]["documents"]) == ("handbook/pages", None, 3)
    assert cli("sync", "nowhere").code == 1
    cli.workspace.synced = Locked("somebody reads it")
    done = cli("sync", "--json")
    assert (done.code, done.json["sources"][0]["error"]) == (75, "somebody reads it")
    assert cli("sources", "remove", "pages").code == 2
    done = cli("sources", "remove", "pages", "--yes", "--json")
    assert done.json == {"source": "handbook/pages", "removed": 3}
    assert [call for call in cli.workspace.calls if call != "close"] == [
        "sync None False",
        "sync pages True",
        "sync nowhere False",
        "sync None False",
        "remove_source handbook/pages",
    ]


def test_watching_ingests_at_once_and_after_every_change_and_ends_well(cli: CommandLine) -> None:
    Path("a.md").write_text("A")
    done = cli("ingest", "a.md", "--silo", "new", "--watch")
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert done.err == "watching; Ctrl-C ends it\nstopped watching; everything finished is kept\n"


def test_who_is_who_is_proposed_and_decided(cli: CommandLine) -> None:
    done = cli("person", "proposals")
    assert done.out.splitlines() == [
        "zulip:7 (adaalder) may be Ada Alder (p1): user name spells name, “adaalder” spells “Ada Alder”",
        "zulip:odd may be Ada Alder (p1): user name spells name, “adaalder” spells “Ada Alder”",
    ]
    shown = cli("person", "proposals", "-n", "1", "--json").json
    assert (len(shown["proposals"]), shown["total"]) == (1, 2)
    assert shown["proposals"][0]["person"]["id"] == "p1"
    assert cli("person", "link", "zulip:7", "p1").out.startswith("Ada Alder (p1)")
    assert "stands alone" in cli("person", "unlink", "zulip:7").err
    assert cli("person", "unlink", "zulip:7", "p1", "--json").json == {"handle": "zulip:7", "outcome": "refused"}
    for flag in ("--bot", "--shared", "--person"):
        assert cli("person", "mark", "ada", flag).err == "marked 1 handles: email:ada@example.org\n"
    assert cli("person", "mark", "ada").code == cli("person", "mark", "ada", "--bot", "--person").code == 2
    assert cli("person", "decisions").out.splitlines() == [
        "link email:ada@example.org p1",
        "refused email:ada@example.org p2",
        "bot email:ada@example.org",
    ]
    assert [call for call in cli.workspace.calls if call != "close"] == [
        "link zulip:7 p1",
        "unlink zulip:7 None",
        "unlink zulip:7 p1",
        "mark ada bot",
        "mark ada shared",
        "mark ada None",
    ]


def test_a_token_is_shown_once(cli: CommandLine) -> None:
    done = cli("token", "create", "laptop", "--scope", "search:read")
    assert done.out == "sm_laptop\n"
    assert "sm_laptop" not in done.err
    listing = cli("token", "list", "--json")
    assert "sm_laptop" not in listing.out
    assert listing.json["tokens"][0]["scopes"] == ["search:read"]
    assert cli("token", "revoke", "laptop").code == 0
    assert cli("token", "revoke", "laptop").code == 1
    assert cli("token", "create", "x", "--scope", "search:write").code == 2


def test_config_says_where_a_value_came_from(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    done = cli("config", "show", "--origin")
    assert "model = hashing  (SENSEMAKE_MODEL)\n" in done.out
    assert f"home = {cli.home}  (--home)\n" in done.out
    assert {"name": "precision", "value": "int8"} in cli("config", "show", "--json").json["settings"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SensemakeError("broken"), 1),
        (ReadersConflict("other readers"), 2),
        (NotPermitted("no"), 5),
        (StoreFull("the disk is full"), 74),
        (Locked("somebody writes"), 75),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 74),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(cli: CommandLine, error: BaseException, code: int) -> None:
    cli.workspace.fault = error
    for words in (["search", "tide"], ["search", "tide", "--json"]):
        done = cli(*words)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith("sensemake: error: ")
        assert done.err.count("\n") == 1


def test_a_fault_of_ours_shows_no_traceback_unless_asked(cli: CommandLine) -> None:
    cli.workspace.fault = ZeroDivisionError("secret text")
    done = cli("search", "tide")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "secret text" not in done.err
    assert "--debug" in done.err
    for words in (["--debug", "search", "tide"], ["search", "tide", "--debug"]):
        assert "Traceback" in cli(*words).err


TYPOS = {
    "search": "serach seach searh sarch searchh saerch",
    "ingest": "ingset injest ingets inget imgest",
    "themes": "theme thems tehmes themse",
    "report": "reprot repot reports reort",
    "reflect": "relfect reflct reflection",
    "serve": "sevre srve server",
    "doctor": "docter doctr dcotor",
    "person": "persn persons peron",
    "silo": "silos slio",
    "sources": "source soruces",
    "token": "tokn tokens tokne",
    "backup": "backp bakcup",
    "restore": "restor retsore",
    "config": "confg cofnig",
    "indexer": "indxer index",
    "demo": "dmeo",
    "who": "wo whoo",
}


def test_a_typo_is_answered_with_the_nearest(cli: CommandLine) -> None:
    typos = [(typo, meant) for meant, words in TYPOS.items() for typo in words.split()]
    right = [typo for typo, meant in typos if f"did you mean {meant!r}?" in cli(typo, "x").err]
    assert len(right) >= 0.9 * len(typos)
    assert "did you mean --silo" in cli("search", "x", "--siol", "y").err
    assert "did you mean 'build'" in cli("themes", "biuld").err
    assert 'sensemake search "how do we"' in cli("how do we").err


def test_a_wrong_call_is_exit_2(cli: CommandLine) -> None:
    wrong = "search|search x -n 0|search x -n 101|search x --since soon|search x --kind pages|serach x|ingest x"
    for words in (*wrong.split("|"), "report --format pdf"):
        done = cli(*words.split())
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), words


def test_a_broken_plugin_is_one_warning_in_our_words(cli: CommandLine) -> None:
    cli.workspace.search = lambda query, by: warn_and(replace(FakeWorkspace().search(query, by)))  # type: ignore[method-assign]
    done = cli("search", "tide", "--json")
    assert done.err == "sensemake: warning: 'x' of the package y cannot be used\n"
    assert done.code == 0


def warn_and(answer: object) -> object:
    import warnings

    from sensemake.registry import BrokenPlugin

    warnings.filterwarnings("default", category=BrokenPlugin)
    warnings.warn("'x' of the package y cannot be used", BrokenPlugin, stacklevel=1)
    return answer
