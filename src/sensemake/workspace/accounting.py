"""Giving account: why somebody may read a document or not, and who did what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sensemake.errors import NotFound
from sensemake.model import AccessAnswer, DocumentId, Principal
from sensemake.protocols import AuditEvent
from sensemake.rules import visibility
from sensemake.stores import Catalog


@dataclass(frozen=True, slots=True)
class Account:
    """Which events of the audit log are asked for; None asks for all."""

    action: str | None = None
    by: str | None = None
    about: str | None = None
    since: datetime | None = None
    last: int = 100


ALL = Account()


def access(principal: Principal, document: str, catalog: Catalog) -> AccessAnswer:
    """Why a principal may read a document or not; NotFound when there is no such document at all."""
    found = catalog.corpus.documents([DocumentId(document)]).get(DocumentId(document))
    if found is None:
        raise NotFound(f"there is no document {document}: `document_id` of a search result names one")
    silo = next(silo for silo in catalog.access.silos() if silo.name == found.silo)
    return AccessAnswer(
        principal.user,
        found.id,
        found.title,
        silo.name,
        silo.readers,
        principal.groups & silo.readers,
        visibility.may_read(principal, silo),
    )


def events(asked: Account, catalog: Catalog) -> tuple[AuditEvent, ...]:
    """The last events that fit, oldest first."""
    fitting = list(_fitting(asked, catalog))
    return tuple(fitting[-asked.last :])


def _fitting(asked: Account, catalog: Catalog) -> Iterator[AuditEvent]:
    for event in catalog.audit.events():
        if (
            (asked.action is None or event.action == asked.action or event.action.startswith(f"{asked.action}."))
            and asked.by in {None, event.by}
            and (asked.about is None or asked.about in event.about.split())
            and (asked.since is None or event.at >= asked.since)
        ):
            yield event
