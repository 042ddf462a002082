"""Who is asking, and whom they may know of: principals, tokens and rosters, from the catalog."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sensemake.errors import Locked, NotFound, NotPermitted, StoreError, UsageError
from sensemake.model import (
    EVERYONE,
    Handle,
    Mark,
    Person,
    PersonId,
    Principal,
    Profile,
    Query,
    SiloName,
    Where,
)
from sensemake.protocols import Outside, Token
from sensemake.rules import identity, query_syntax, tokens, visibility
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog

READING = frozenset({"search:read", "experts:read", "themes:read", "reports:read", "docs:read"})
SCOPES = READING | {"docs:write", "tokens:mint", "admin"}
"""All that a token may be allowed; each route and command names the one it needs."""

ANONYMOUS = Principal("anonymous", frozenset({EVERYONE}), scopes=READING)
SESSION = timedelta(hours=12)
_SESSION, _LINK, _PROVIDER = "session of ", "a link", "the identity provider"
"""How a session is named: after the token that opened it, by which it also ends, or after what else did."""
_NOTED = timedelta(minutes=1)
"""How exactly the last use of a token is known: not every request writes."""

_OWNER = Principal("owner", frozenset({visibility.OWNER, EVERYONE}), scopes=SCOPES)


def owner() -> Principal:
    """Whoever may read the home's files: on the command line, the owner of all of it."""
    return _OWNER


def principal_for(user: str, catalog: Catalog) -> Principal:
    """A person of the directory, by id, name, e-mail address or handle; NotFound when nobody or several bear it."""
    directory = catalog.people.directory()
    found = identity.roster(directory, handles={}, links=catalog.people.links())
    wanted = user.strip().casefold()
    meant = (
        {p.id for p in directory if p.id.casefold() == wanted}
        or {found.owner_of[handle] for handle in found.named([user]) if handle in found.owner_of}
        or {p.id for p in directory if p.name.casefold() == wanted}
    )
    if len(meant) != 1:
        many = "several people" if meant else "nobody"
        raise NotFound(f"the directory knows {many} by {user!r}: name a person_id or an e-mail address of people.csv")
    person = found.persons[meant.pop()]
    return Principal(person.id, visibility.groups_of(person), person.id, READING | {"docs:write"})


def principal_of_token(secret: str, catalog: Catalog, now: datetime, origin: str | None = None) -> Principal | None:
    """Whose token this is; None when there is none such, it has ended, or it is for pages of another origin.

    A `once` token is none: it is a link that opens a session. Nor is a session: it holds for the browser that it was
    opened in.
    """
    token = _held(secret, catalog, now, origin)
    if token is None or token.once or token.name.startswith(_SESSION):
        return None
    return _principal_of(token, catalog)


def open_session(secret: str, catalog: Catalog, now: datetime) -> tuple[str, Token] | None:
    """Trade a token for the secret of a session; None when it does not hold. A `once` token ends here.

    The session is kept in the home, so that every worker of the home knows it. It ends with the token.
    """
    token = _held(secret, catalog, now, None)
    if token is None or token.name.startswith(_SESSION) or (token.once and not catalog.access.revoke(token.id)):
        return None
    ends = SESSION if token.once or token.expires is None else min(SESSION, token.expires - now)
    return make_token(
        _SESSION + (_LINK if token.once else token.id),
        user=token.user,
        scopes=token.scopes,
        silos=token.silos,
        lifetime=ends,
        now=now,
    )


def open_session_from_outside(outside: Outside, catalog: Catalog, now: datetime) -> tuple[str, Token] | None:
    """A session for somebody whom an identity provider names; None when the directory says that they are gone.

    The groups are those of now. Who they are in the directory is looked up at every request, as for a token.
    """
    named = principal_from_outside(outside.subject, outside.email, outside.groups, catalog)
    if named is None:
        return None
    made = make_token(_SESSION + _PROVIDER, user=named.user, scopes=named.scopes, silos=None, lifetime=SESSION, now=now)
    return made[0], replace(made[1], outside=outside)


def principal_of_session(secret: str, catalog: Catalog, now: datetime) -> Principal | None:
    """Whose session this is; None when it has ended, or the token has with which it was opened."""
    session = _held(secret, catalog, now, None)
    if session is None or not session.name.startswith(_SESSION):
        return None
    if session.outside is not None:
        return principal_from_outside(session.outside.subject, session.outside.email, session.outside.groups, catalog)
    opener = session.name.removeprefix(_SESSION)
    if opener != _LINK and not any(opener == token.id for token in catalog.access.tokens()):
        return None
    return _principal_of(session, catalog)


def session_of(secret: str, catalog: Catalog) -> Token | None:
    """The session of this secret, whether it still holds or not."""
    session = catalog.access.token(_digest(secret)) if tokens.whole(secret) else None
    return session if session is not None and session.name.startswith(_SESSION) else None


def _held(secret: str, catalog: Catalog, now: datetime, origin: str | None) -> Token | None:
    """The token of this secret, when it holds for a page of `origin` (None: no page); its use is noted."""
    token = catalog.access.token(_digest(secret)) if tokens.whole(secret) else None
    if token is None or (token.expires is not None and token.expires <= now) or token.origin not in {None, origin}:
        return None
    if not token.once and (token.used is None or now - token.used > _NOTED):
        with suppress(Locked, StoreError):  # a reader that cannot write answers all the same
            catalog.access.used(token.id, now)
    return token


def principal_from_outside(
    subject: Handle, email: str | None, groups: Collection[str], catalog: Catalog
) -> Principal | None:
    """Somebody whom an identity provider or a proxy names: the person of the directory with that handle, or that id,
    or that e-mail address, with the groups named beside it. None when the directory says that they are gone.

    Who is in no directory reads what their groups and everybody may read, and writes nothing. A group that is no
    group's name is dropped: so nobody is given the owner's, nor a handle that a silo is shared with.
    """
    found = _bearers(subject, email, catalog.people.directory())
    if len(found) > 1 or any(not person.active for person in found):
        return None
    named = frozenset(group for group in groups if visibility.is_group_name(group)) | {EVERYONE}
    if not found:
        return Principal(str(subject), named, scopes=READING)
    (person,) = found
    linked = identity.roster([person], handles={}, links=catalog.people.links()).persons[person.id]
    return Principal(person.id, named | visibility.groups_of(linked), person.id, READING | {"docs:write"})


def _bearers(subject: Handle, email: str | None, directory: Iterable[Person]) -> list[Person]:
    """Whom the directory knows by the handle; else by the id; else by the address. A name is nobody's proof."""
    known = list(directory)
    address = None if email is None else Handle("email", email)
    for meant in (
        [p for p in known if subject in p.handles],
        [p for p in known if p.id == subject.value],
        [p for p in known if address is not None and _holds(p, address)],
    ):
        if meant:
            return meant
    return []


def _holds(person: Person, address: Handle) -> bool:
    wanted = address.value.casefold()
    return any(h.namespace == address.namespace and h.value.casefold() == wanted for h in person.handles)


def make_token(
    name: str,
    *,
    user: str | None,
    scopes: frozenset[str],
    silos: frozenset[SiloName] | None,
    lifetime: timedelta | None,
    now: datetime,
    once: bool = False,
    origin: str | None = None,
) -> tuple[str, Token]:
    """A new secret, shown once and never kept, and what is kept of it."""
    secret = tokens.secret("".join(secrets.choice(tokens.DIGITS) for _ in range(tokens.LENGTH)))
    token = Token(
        id=secrets.token_hex(6),
        name=name,
        digest=_digest(secret),
        user=user if user is not None else _OWNER.user,
        scopes=scopes & SCOPES,
        silos=silos,
        created=now,
        expires=None if lifetime is None else now + lifetime,
        once=once,
        origin=origin,
    )
    return secret, token


def make_widget_token(
    origin: str, by: Principal, *, user: str | None, scopes: frozenset[str], minutes: int, now: datetime
) -> tuple[str, Token]:
    """A token for the pages of one web origin: of reading only, within the rights of whoever asks, and soon over."""
    if wrong := scopes - READING:
        raise UsageError(f"a page may only read; not for a page: {', '.join(sorted(wrong))}")
    if not 1 <= minutes <= 60:
        raise UsageError("a page's token holds for 1 to 60 minutes")
    return make_token(
        f"page of {origin}",
        user=user if user is not None else by.user,
        scopes=scopes & by.scopes,
        silos=by.only,
        lifetime=timedelta(minutes=minutes),
        now=now,
        origin=origin,
    )


def readable(principal: Principal, catalog: Catalog) -> frozenset[SiloName]:
    """The silos that this principal may read now: a changed grant holds from the next question on."""
    return visibility.readable(principal, catalog.access.silos())


def need(principal: Principal, scope: str) -> None:
    """Refuse what the principal was not allowed to do."""
    if scope not in principal.scopes:
        raise NotPermitted(f"{principal.user} may not do this: it needs the right {scope!r}")


def need_all(principal: Principal) -> None:
    """Refuse a token for some silos what is of the home as a whole: its log, the silos there are, who is who."""
    need(principal, "admin")
    if principal.only is not None:
        raise NotPermitted(f"{principal.user} asks with a token for some silos, and this is about all of them")


def need_silo(principal: Principal, silo: str) -> None:
    """Refuse an administrator's token for other silos, as if there were no such silo."""
    need(principal, "admin")
    if not within(principal, silo):
        raise NotFound(f"there is no silo {silo}: sensemake silo list")


def within(principal: Principal, silo: str) -> bool:
    """Whether the token that asks is for this silo, or for all."""
    return principal.only is None or silo in principal.only


def check_name(name: str) -> None:
    """A token may have any name but that of a session."""
    if name.startswith(_SESSION):
        raise UsageError(f"a token's name may not begin with {_SESSION!r}: those are browsers' sessions")


def need_as_much(principal: Principal, scopes: frozenset[str], silos: frozenset[SiloName] | None) -> None:
    """Refuse a token that would allow more than whoever makes it: a right they lack, or a silo beyond theirs."""
    if beyond := scopes - principal.scopes:
        raise NotPermitted(f"{principal.user} may not give what they may not do: {', '.join(sorted(beyond))}")
    if principal.only is not None and (silos is None or not silos <= principal.only):
        raise NotPermitted(f"{principal.user} asks for some silos only, and may not give more: name them")


def roster(may: frozenset[SiloName], catalog: Catalog, people_mode: str, *, marked: bool = True) -> Roster:
    """The people that somebody who may read these silos may know of, listed as they chose and as the mode says.

    `marked` false: as if nobody had ever been marked.
    """
    return _joined(_told(may, catalog, marked=marked), people_mode)


@dataclass(frozen=True, slots=True)
class _Told:
    """All that a roster follows from."""

    directory: tuple[Person, ...]
    handles: Mapping[Handle, PersonId]
    profiles: tuple[Profile, ...]
    links: tuple[tuple[Handle, PersonId], ...]
    choices: Mapping[PersonId, bool]
    marks: Mapping[Handle, Mark]


def _told(may: frozenset[SiloName], catalog: Catalog, *, marked: bool = True) -> _Told:
    people = catalog.people
    return _Told(
        people.directory(),
        people.handles(may),
        people.profiles(may),
        people.links(),
        people.choices(),
        catalog.decisions.marks() if marked else identity.NO_MARKS,
    )


def _joined(told: _Told, people_mode: str) -> Roster:
    choices = told.choices
    found = identity.roster(
        told.directory,
        handles=told.handles,
        profiles=told.profiles,
        links=told.links,
        unlisted=[person for person, listed in choices.items() if not listed],
        marks=told.marks,
    )
    if people_mode == "opt-out":
        return found
    chosen = frozenset(pid for pid, listed in choices.items() if listed) if people_mode == "opt-in" else frozenset()
    persons = {pid: replace(p, listed=p.listed and pid in chosen) for pid, p in found.persons.items()}
    return replace(found, persons=persons)


class Rosters:
    """Rosters that were made since the catalog last changed: joining all handles anew takes longer than a search.

    After a change one thread reads what a roster follows from, and joins it anew only when that has changed; the
    others wait for it, for they would take longer each on its own.
    """

    KEPT = 16

    def __init__(self, catalog: Catalog, people_mode: str) -> None:
        self._catalog = catalog
        self._people_mode = people_mode
        self._made: dict[frozenset[SiloName], tuple[str | None, _Told, Roster]] = {}
        self._making = threading.Lock()

    def of(self, may: frozenset[SiloName]) -> Roster:
        """The roster of those who may read these silos, as the catalog is now."""
        version = self._catalog.version()  # first: at worst it is made once more
        known = self._made.get(may)
        if known is not None and version is not None and known[0] == version:
            return known[2]
        with self._making:
            return self._anew(may)

    def _anew(self, may: frozenset[SiloName]) -> Roster:
        version, known = self._catalog.version(), self._made.get(may)
        if known is None or version is None or known[0] != version:
            told = _told(may, self._catalog)
            same = known is not None and told == known[1]
            made = known[2] if known is not None and same else _joined(told, self._people_mode)
            others = [(key, kept) for key, kept in self._made.items() if key != may]
            self._made = {**dict(others[-self.KEPT + 1 :]), may: (version, told, made)}
        return self._made[may][2]


def where(principal: Principal, query: Query, known: Roster, catalog: Catalog) -> Where:
    """What a question is narrowed to, beside it and by operators in its text, inside what its asker may read."""
    may = readable(principal, catalog)
    asked = query_syntax.parse(query.text)
    filters = query_syntax.combined(query.filters, asked.filters)
    sources = catalog.sources.all() if filters.sources or filters.places else ()
    authors = known.named(filters.authors) if filters.authors else None
    return replace(
        visibility.where(may, filters, sources=sources, authors=authors),
        phrases=query_syntax.sequences(asked.phrases),
        without=query_syntax.sequences(asked.without),
    )


def _principal_of(token: Token, catalog: Catalog) -> Principal | None:
    try:
        base = _OWNER if token.user == _OWNER.user else principal_for(token.user, catalog)
    except NotFound:
        return None
    return replace(base, scopes=base.scopes & token.scopes, only=token.silos)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def utc_now() -> datetime:
    """The one look at the clock: jobs are handed the moment."""
    return datetime.now(UTC)
