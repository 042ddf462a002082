"""Silos, access, audit, backup: what the owner looks after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sensemake import stores
from sensemake.config import Settings
from sensemake.errors import NotFound, ReadersConflict
from sensemake.model import (
    AccessAnswer,
    Principal,
    Silo,
    SiloName,
)
from sensemake.protocols import AuditEvent
from sensemake.rules import visibility
from sensemake.workspace import accounting, asking
from sensemake.workspace.accounting import Account
from sensemake.workspace.doctor import Finding, examine
from sensemake.workspace.verbs.admission import Admission


class Administration(Admission):
    """Says who may read what, gives account of it, and keeps the home well."""

    def silos(self, by: Principal) -> tuple[Silo, ...]:
        """The silos that the asker may read."""
        asking.need(by, "docs:read")
        may = asking.readable(by, self._catalog)
        return tuple(silo for silo in self._catalog.access.silos() if silo.name in may)

    def add_silo(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        asking.need_all(by)
        name = visibility.silo_name(silo)
        if name in {known.name for known in self._catalog.access.silos()}:
            raise ReadersConflict(
                f"there is a silo {name} already; to change who reads it: sensemake silo grant {name} GROUP"
            )
        self._catalog.access.add_silo(Silo(name, frozenset(map(visibility.group_name, readers))))
        self._audit(by, "silo.add", name)

    def grant(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        """Let groups read a silo, from the next question on."""
        self._set_readers(silo, lambda have: have | frozenset(map(visibility.group_name, readers)), "silo.grant", by)

    def revoke(self, silo: str, readers: frozenset[str], by: Principal) -> None:
        """Let groups read a silo no longer, from the next question on."""
        self._set_readers(silo, lambda have: have - readers, "silo.revoke", by)

    def remove_silo(self, silo: str, by: Principal) -> None:
        """Forget a silo that holds no documents, and who reads it."""
        asking.need_silo(by, silo)
        if silo not in {known.name for known in self._catalog.access.silos()}:
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        self._catalog.access.remove_silo(SiloName(silo))
        self._audit(by, "silo.remove", silo)
        self._active_engine().catch_up(self._catalog, durable=True)

    def explain_access(self, user: str, document: str, by: Principal) -> AccessAnswer:
        """Why somebody of the directory (or `anonymous`) may read a document or not."""
        asking.need_all(by)
        principal = self.anonymous() if user == self.anonymous().user else self.principal_for(user)
        return accounting.access(principal, document, self._catalog)

    def audit(self, by: Principal, asked: Account = accounting.ALL) -> tuple[AuditEvent, ...]:
        """Who did what to what, oldest first."""
        asking.need_all(by)
        return accounting.events(asked, self._catalog)

    def audit_break(self, by: Principal) -> int | None:
        """The number of the first line of the audit log that was tampered with; None when it is whole."""
        asking.need_all(by)
        return self._catalog.audit.verify()

    def doctor(self, *, repair: bool = False) -> tuple[Finding, ...]:
        return examine(self._catalog, self._active_engine(), repair=repair)

    def backup(self, target: Path, by: Principal) -> None:
        """Write the whole home's truth into one file; the index is left out, it can be rebuilt."""
        asking.need_all(by)
        stores.backup(self._catalog, target)
        self._audit(by, "backup", target.name)

    @staticmethod
    def restore(archive: Path, settings: Settings, *, force: bool = False) -> None:
        stores.restore(archive, settings.home, force=force)

    def _set_readers(
        self, silo: str, change: Callable[[frozenset[str]], frozenset[str]], action: str, by: Principal
    ) -> None:
        asking.need_silo(by, silo)
        have = {known.name: known for known in self._catalog.access.silos()}.get(SiloName(silo))
        if have is None:
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        self._catalog.access.set_readers(have.name, change(have.readers))
        self._audit(by, action, have.name)
        self._active_engine().catch_up(self._catalog, durable=True)
