"""The git indexer keeps the contract of an Indexer, follows files back in time, and runs nothing of a stranger's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake import registry
from sensemake.indexers._git_history import BULK, Commit, Person, commits, histories
from sensemake.indexers.files import FilesIndexer
from sensemake.indexers.git import GitIndexer
from sensemake.model import Coverage, Document, Handle, ReadFailure, Reason, SiloName, Source
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

ANA, BO, CHO = ("Ana Reyes", "ana@example.org"), ("Bo Lind", "bo@example.org"), ("Cho Lund", "cho@example.org")
DEE = ("Dee Park", "dee@example.org")
BOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")


class Tree:
    """A repository that is made commit by commit, at fixed times, by whom the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits = 0
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, by: tuple[str, str] = ANA) -> None:
        time = f"2024-05-{self.commits + 1:02}T08:00:00+0000"
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{role}_NAME": by[0], f"GIT_{role}_EMAIL": by[1], f"GIT_{role}_DATE": time}
        subprocess.run(["git", *arguments], cwd=self.folder, env=env, check=True, capture_output=True)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self, files: dict[str, str], by: tuple[str, str] = ANA, message: str = "change") -> None:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, by=by)
        self.commits += 1


def text(words: str) -> str:
    return "# Weir\n\n" + "".join(f"The {words} of line {n} is described here.\n" for n in range(20))


class TestGitIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return GitIndexer()

    def make_sample(self, folder: Path) -> Path:
        tree = Tree(folder / "docs")
        tree.commit({"weir.md": text("weir"), "more/sluice.md": text("sluice"), "code.py": "x = 1\n"})
        tree.commit({"weir.md": text("weir") + "More.\n"}, by=BO)
        return tree.folder

    def make_broken(self, folder: Path) -> Path:
        tree = Tree(folder / "docs")
        (tree.folder / "noise.txt").write_bytes(b"\x00\x01\x02")
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
        tree.commit({"weir.md": text("weir"), "empty.md": "", "big.pdf": pointer, "named.docx": "no Word file"})
        return tree.folder


class TestBareRepository(TestGitIndexer):
    def make_sample(self, folder: Path) -> Path:
        made = super().make_sample(folder)
        bare = folder / "bare.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(made), str(bare)], check=True, capture_output=True)
        return bare


def read(path: Path) -> list[Document | ReadFailure | Coverage]:
    return list(GitIndexer().read(path, Source(SiloName("weir"), "docs", "git", str(path))))


def documents(items: Iterable[Document | ReadFailure | Coverage]) -> dict[str, Document]:
    return {item.uri: item for item in items if isinstance(item, Document)}


def failures(items: Iterable[Document | ReadFailure | Coverage]) -> dict[str, ReadFailure]:
    return {item.uri: item for item in items if isinstance(item, ReadFailure)}


def who(document: Document) -> dict[str, str]:
    return {str(each.handle): str(each.role) for each in document.contributions}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "docs")


def test_who_began_a_page_wrote_it_and_others_edited_it(tree: Tree) -> None:
    tree.commit({"weir.md": text("weir")})
    tree.commit(
        {"weir.md": text("weir") + "More.\n"}, by=BO, message="more\n\nCo-authored-by: Cho Lund <cho@example.org>"
    )
    tree.commit({"weir.md": text("weir") + "Most.\n"}, by=BOT)
    (page,) = documents(read(tree.folder)).values()
    assert who(page) == {
        "email:ana@example.org": "wrote",
        "email:bo@example.org": "edited",
        "email:cho@example.org": "edited",
    }
    assert {(str(p.handle), p.name) for p in page.profiles} >= {("email:cho@example.org", "Cho Lund")}
    assert page.time == datetime(2024, 5, 2, 8, tzinfo=UTC), "what a bot did is no news"
    assert page.uri == "docs/weir.md"
    assert page.title == "Weir"
    assert page.path == str(tree.folder / "weir.md")


def test_a_page_that_one_person_made_is_theirs_part_by_part(tree: Tree) -> None:
    tree.commit({"weir.md": text("weir")})
    tree.commit({"weir.md": text("weir") + "More.\n"})
    (page,) = documents(read(tree.folder)).values()
    assert {part.author for part in page.parts} == {Handle("email", "ana@example.org")}


def test_a_page_that_names_its_author_was_written_by_them(tree: Tree) -> None:
    tree.commit({"weir.md": "---\nauthor: Dee Park <dee@example.org>\ndate: 2024-01-02\n---\n" + text("weir")})
    (page,) = documents(read(tree.folder)).values()
    assert who(page) == {"email:dee@example.org": "wrote", "email:ana@example.org": "edited"}
    assert page.time == datetime(2024, 1, 2, tzinfo=UTC)


def test_a_renamed_page_keeps_its_people(tree: Tree) -> None:
    tree.commit({"old.md": text("weir")})
    tree.commit({"old.md": text("weir") + "More.\n"}, by=BO)
    tree.git("mv", "old.md", "new.md")
    tree.commit({"new.md": text("weir") + "Most.\n"}, by=CHO)
    tree.git("mv", "new.md", "newest.md")
    tree.commit({"old.md": text("another page, of the old name")}, by=DEE)
    found = documents(read(tree.folder))
    assert who(found["docs/newest.md"]) == {
        "email:ana@example.org": "wrote",
        "email:bo@example.org": "edited",
        "email:cho@example.org": "edited",
    }
    assert who(found["docs/old.md"]) == {"email:dee@example.org": "wrote"}


def test_mailmap_joins_what_one_person_signed_in_two_ways(tree: Tree) -> None:
    tree.commit({"weir.md": text("weir"), ".mailmap": "Ana Reyes <ana@example.org> <old@example.org>\n"})
    tree.commit({"weir.md": text("weir") + "More.\n"}, by=("A. Reyes", "old@example.org"))
    tree.commit({"weir.md": text("weir") + "Most.\n"}, by=BO, message="m\n\nCo-authored-by: A. R. <old@example.org>")
    (page,) = documents(read(tree.folder)).values()
    assert who(page) == {"email:ana@example.org": "wrote", "email:bo@example.org": "edited"}


def test_who_imported_many_pages_wrote_none_of_them(tree: Tree) -> None:
    tree.commit({f"page{n:03}.md": text(f"weir {n}") for n in range(BULK + 1)}, by=CHO)
    tree.commit({"page000.md": text("weir 0") + "More.\n"}, by=BO)
    found = documents(read(tree.folder))
    assert who(found["docs/page000.md"]) == {"email:bo@example.org": "edited"}
    assert who(found["docs/page001.md"]) == {"email:cho@example.org": "edited"}


def test_a_shallow_clone_gives_nobody_what_others_wrote(tmp_path: Path, tree: Tree) -> None:
    tree.commit({"weir.md": text("weir"), "sluice.md": text("sluice")})
    tree.commit({"weir.md": text("weir") + "More.\n"}, by=BO)
    tree.commit({"sluice.md": text("sluice") + "More.\n"}, by=CHO)
    clone = ["git", "clone", "-q", "--depth", "2", tree.folder.as_uri(), str(tmp_path / "clone")]
    subprocess.run(clone, check=True, capture_output=True)
    found = documents(read(tmp_path / "clone"))
    assert {uri: who(page) for uri, page in found.items()} == {
        "docs/sluice.md": {"email:cho@example.org": "edited"},
        "docs/weir.md": {},
    }


def test_addresses_that_github_makes_up_are_github_names(tree: Tree) -> None:
    tree.commit({"weir.md": text("weir")}, by=("Ana", "12345+ana-r@users.noreply.github.com"))
    (page,) = documents(read(tree.folder)).values()
    assert who(page) == {"github:ana-r": "wrote"}


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://user:secret@github.com/heron/weir.git", "https://github.com/heron/weir/blob/main/a%20page.md"),
        (
            "git@gitlab.example.org:heron/sub/weir.git",
            "https://gitlab.example.org/heron/sub/weir/-/blob/main/a%20page.md",
        ),
        ("ssh://git@codeberg.org/heron/weir", "https://codeberg.org/heron/weir/src/branch/main/a%20page.md"),
        ("/srv/weir.git", None),
        ("https://example.org/heron/weir.git", None),
    ],
)
def test_the_remote_gives_the_address(tree: Tree, remote: str, url: str | None) -> None:
    tree.commit({"a page.md": text("weir")})
    tree.git("remote", "add", "origin", remote)
    (page,) = documents(read(tree.folder)).values()
    assert page.url == url


def test_only_what_is_committed_is_read(tree: Tree) -> None:
    tree.commit(
        {"weir.md": text("weir"), "code.py": "x = 1\n", "settings.yaml": "title: none\n", ".hidden/a.md": "# A\n"}
    )
    tree.write({"draft.md": "# Draft\n", "weir.md": "changed"})
    assert documents(read(tree.folder)).keys() == {"docs/weir.md"}


def test_yaml_beside_a_page_describes_it(tree: Tree) -> None:
    tree.commit({"weir/README.md": "The weir leaks.\n", "weir/page.yaml": "title: The weir\nauthors: ['@ana']\n"})
    (page,) = documents(read(tree.folder)).values()
    assert page.title == "The weir"
    assert who(page) == {"user:ana": "wrote", "email:ana@example.org": "edited"}


def test_what_cannot_be_read_is_told_and_keeps_its_last_reading(tmp_path: Path) -> None:
    items = read(TestGitIndexer().make_broken(tmp_path))
    reasons = {uri: failure.reason for uri, failure in failures(items).items()}
    assert reasons == {
        "docs/big.pdf": Reason.UNSUPPORTED,
        "docs/empty.md": Reason.EMPTY,
        "docs/named.docx": Reason.MALFORMED,
        "docs/noise.txt": Reason.MALFORMED,
    }
    assert all(str(tmp_path) in failure.path for failure in failures(items).values())


def test_no_repository_or_an_empty_one_is_told(tmp_path: Path, tree: Tree) -> None:
    (tmp_path / "plain").mkdir()
    assert GitIndexer().sniff(tmp_path / "plain") == 0
    for path, reason in ((tmp_path / "plain", Reason.MALFORMED), (tree.folder, Reason.EMPTY)):
        (failure,) = read(path)
        assert isinstance(failure, ReadFailure)
        assert failure.reason is reason


def test_it_bids_more_than_the_files_indexer(tree: Tree) -> None:
    tree.commit({"weir.md": text("weir")})
    assert GitIndexer().sniff(tree.folder) > FilesIndexer().sniff(tree.folder)
    assert GitIndexer().sniff(tree.folder / "weir.md") == 0


def test_a_sample_of_a_chat_does_not_make_the_repository_a_chat(tree: Tree) -> None:
    chat = "01/05/2024, 10:15 - Ana: Where is the pump?\n01/05/2024, 10:16 - Bo: By the weir.\n"
    tree.commit({"weir.md": text("weir"), "samples/chat.txt": chat})
    assert registry.choose_indexer(tree.folder).name == "git"


def test_a_chat_that_is_kept_in_a_repository_is_for_its_reader(tree: Tree) -> None:
    chat = "01/05/2024, 10:15 - Ana: Where is the pump?\n01/05/2024, 10:16 - Bo: By the weir.\n"
    tree.commit({"chat.txt": chat})
    assert registry.choose_indexer(tree.folder).name == "whatsapp"


# ── a repository that a stranger made ────────────────────────────────────────────────────────────


def test_no_program_that_a_repository_names_is_run(tmp_path: Path, tree: Tree) -> None:
    touched = tmp_path / "touched"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {touched}\ncat\n")
    program.chmod(0o755)
    tree.commit({"weir.md": text("weir"), ".gitattributes": "*.md diff=evil filter=evil\n"})
    tree.commit({"weir.md": text("weir") + "More.\n"}, by=BO)
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "diff.external"),
        *("diff.evil.command", "diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "gpg.program"),
        *("credential.helper", "pager.log", "uploadpack.packObjectsHook", "core.alternateRefsCommand"),
    ):
        tree.git("config", name, str(program))
    tree.git("config", "log.showSignature", "true")
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (tree.folder / ".git" / "hooks").mkdir(exist_ok=True)
        (tree.folder / ".git" / "hooks" / hook).symlink_to(program)
    assert documents(read(tree.folder))
    assert not touched.exists()


def test_a_tree_that_sends_elsewhere_gives_nothing_of_there(tmp_path: Path, tree: Tree) -> None:
    tree.commit({"secret.md": text("secret")})
    for name in ("by_file", "by_link"):
        (tmp_path / name).mkdir()
    (tmp_path / "by_file" / ".git").write_text(f"gitdir: {tree.folder / '.git'}\n")
    (tmp_path / "by_link" / ".git").symlink_to(tree.folder / ".git")
    for name in ("by_file", "by_link"):
        (failure,) = read(tmp_path / name)
        assert isinstance(failure, ReadFailure)
        assert failure.reason is Reason.HOSTILE


def test_a_linked_work_tree_is_read(tmp_path: Path, tree: Tree) -> None:
    tree.commit({"weir.md": text("weir")})
    tree.git("worktree", "add", "-q", str(tmp_path / "other"))
    assert [document.title for document in documents(read(tmp_path / "other")).values()] == ["Weir"]


def test_links_in_a_repository_are_not_followed(tree: Tree) -> None:
    (tree.folder / "out.md").symlink_to("/etc/hostname")
    tree.commit({"weir.md": text("weir")})
    assert documents(read(tree.folder)).keys() == {"docs/weir.md"}


def test_a_name_that_climbs_out_is_not_written(tree: Tree) -> None:
    """git itself refuses to make such a tree, so it is made by hand."""
    tree.commit({"weir.md": text("weir")})

    def made(*arguments: str, told: bytes = b"") -> bytes:
        done = subprocess.run(["git", *arguments], cwd=tree.folder, check=True, capture_output=True, input=told)
        return bytes.fromhex(done.stdout.strip().decode())

    blob = made("hash-object", "-w", "weir.md")
    kept = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    inner = made(*kept, told=b"100644 a.md\0" + blob)
    top = made(*kept, told=b"40000 ..\0" + inner + b"100644 ok.md\0" + blob)
    author = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    tree.git("update-ref", "HEAD", made(*author, "commit-tree", top.hex(), "-m", "x").hex())
    assert documents(read(tree.folder)).keys() == {"docs/ok.md"}


# ── the log ──────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60)
@given(
    tokens=st.lists(
        st.text(max_size=8) | st.sampled_from(["\x01a\x02b\x021\x02\x01", "\nM", "R100", "a.md"]), max_size=12
    )
)
def test_no_log_breaks_the_reading_of_it(tokens: list[str]) -> None:
    histories(commits(tokens), ["a.md"], lambda _: True, lambda _: False)


@settings(max_examples=60)
@given(names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True))
def test_however_often_it_was_renamed_the_first_author_is_found(names: list[str]) -> None:
    ana, bo = Person("Ana", "ana@example.org"), Person("Bo", "bo@example.org")
    log = [Commit((ana,), None, (("A", names[0], names[0]),))]
    log += [Commit((bo,), None, (("R", old, new),)) for old, new in pairwise(names)]
    found = histories(reversed(log), [names[-1]], lambda _: True, lambda _: False)[names[-1]]
    assert found.began == (ana,)
    assert found.edited == [bo] * (len(names) - 1)
