"""The contract of silos, readers and tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sensemake.errors import NotFound, ReadersConflict, UsageError
from sensemake.model import (
    Handle,
    Silo,
    SiloName,
)
from sensemake.protocols import (
    Outside,
    Token,
)
from sensemake.testing.catalog.base import CatalogContract, refuses
from sensemake.testing.catalog.nouns import OPEN, START, stored


class AccessContract(CatalogContract):
    """Silos, who may read them, tokens."""

    def test_silos_and_their_readers(self, tmp_path: Path) -> None:
        open_, closed = Silo(OPEN, frozenset({"everyone"})), Silo(SiloName("closed"), frozenset())
        with self.opened(tmp_path) as catalog:
            for silo in (open_, closed, open_):
                catalog.access.add_silo(silo)
            assert catalog.access.silos() == (closed, open_)
            refuses(ReadersConflict, lambda: catalog.access.add_silo(replace(open_, readers=frozenset({"crew"}))))
            assert catalog.access.silos() == (closed, open_)
            catalog.access.set_readers(closed.name, frozenset({"crew", "slack:U1"}))
            catalog.access.set_readers(OPEN, frozenset())
        with self.opened(tmp_path) as catalog:
            assert [silo.readers for silo in catalog.access.silos()] == [{"crew", "slack:U1"}, set()]
            refuses(NotFound, lambda: catalog.access.set_readers(SiloName("absent"), frozenset({"everyone"})))

    def test_new_readers_are_no_change_of_passages(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            catalog.corpus.store([stored("a", "one")])
            mark = catalog.corpus.marks()
            catalog.access.set_readers(OPEN, frozenset({"everyone"}))
            assert catalog.corpus.marks() == mark

    def test_a_silo_that_holds_documents_stays(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.access.add_silo(Silo(OPEN, frozenset({"crew"})))
            catalog.corpus.store([item])
            refuses(UsageError, lambda: catalog.access.remove_silo(OPEN))
            catalog.corpus.remove([item.document.id])
            catalog.access.remove_silo(OPEN)
            assert not catalog.access.silos()
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            assert catalog.access.silos() == (Silo(OPEN, frozenset()),)

    def test_documents_open_no_silo(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            assert catalog.access.silos() == ()

    def test_tokens_are_kept_whole_and_void_once_revoked(self, tmp_path: Path) -> None:
        limits = (None, frozenset[SiloName](), frozenset({OPEN}))
        tokens = tuple(
            Token(f"t{n}", "bot", f"digest {n}", "ana", frozenset({"search"}), silos, START, None, once=bool(n))
            for n, silos in enumerate(limits)
        )
        tokens = (*tokens, replace(tokens[0], id="t9", digest="9", expires=START + timedelta(days=90)))
        with self.opened(tmp_path) as catalog:
            for token in tokens:
                catalog.access.add_token(token)
            assert catalog.access.tokens() == tokens
            assert [catalog.access.token(token.digest) for token in tokens] == list(tokens)
            assert catalog.access.token("digest") is None
            assert catalog.access.revoke("t1")
            assert not catalog.access.revoke("t1")
            assert catalog.access.token("digest 1") is None

    def test_a_token_of_an_origin_and_its_last_use(self, tmp_path: Path) -> None:
        made = Token("t1", "widget", "d", "ana", frozenset(), None, START, START, origin="https://intranet.example.org")
        with self.opened(tmp_path) as catalog:
            catalog.access.add_token(made)
            catalog.access.used("t1", START)
            catalog.access.used("none", START)
            assert catalog.access.tokens() == (replace(made, used=START),)

    def test_a_session_of_somebody_from_outside(self, tmp_path: Path) -> None:
        ana = Outside(Handle("oidc", "sub: ana"), "ana@example.org", frozenset({"crew", "règle"}))
        made = [
            Token(f"t{n}", "session", f"d{n}", "ana", frozenset(), None, START, START, outside=outside)
            for n, outside in enumerate((ana, replace(ana, email=None, groups=frozenset()), None))
        ]
        with self.opened(tmp_path) as catalog:
            for token in made:
                catalog.access.add_token(token)
        with self.opened(tmp_path) as catalog:
            assert catalog.access.tokens() == tuple(made)

    def test_ended_tokens_are_forgotten(self, tmp_path: Path) -> None:
        ends = (None, START, START + timedelta(days=1))
        made = [Token(f"t{n}", "", f"d{n}", "ana", frozenset(), None, START, end) for n, end in enumerate(ends)]
        with self.opened(tmp_path) as catalog:
            for token in made:
                catalog.access.add_token(token)
            catalog.access.forget_ended(START + timedelta(hours=1))
            assert [token.id for token in catalog.access.tokens()] == ["t0", "t2"]
