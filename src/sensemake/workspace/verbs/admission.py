"""Who is asking: principals, tokens, and how often."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sensemake.errors import NotFound
from sensemake.model import (
    Handle,
    Principal,
    SiloName,
)
from sensemake.protocols import Outside, Rate, Token
from sensemake.rules import probing
from sensemake.rules.probing import Sought
from sensemake.workspace import asking
from sensemake.workspace.verbs.home import Home


class Admission(Home):
    """Turns names and secrets into principals."""

    def owner(self) -> Principal:
        return asking.owner()

    def anonymous(self) -> Principal:
        return asking.ANONYMOUS

    def principal_for(self, user: str) -> Principal:
        return asking.principal_for(user, self._catalog)

    def principal_of_token(self, secret: str, origin: str | None = None) -> Principal | None:
        """Whose token this is, used by a page of `origin` (None: by no page); None when it does not hold."""
        return asking.principal_of_token(secret, self._catalog, asking.utc_now(), origin)

    def open_session(self, secret: str) -> str | None:
        """Trade a token or a one-time link for the secret of a session; None when it does not hold."""
        now = asking.utc_now()
        made = asking.open_session(secret, self._catalog, now)
        return None if made is None else self._kept_session(made, now)

    def open_session_from_outside(
        self, subject: Handle, *, email: str | None = None, groups: Collection[str] = ()
    ) -> str | None:
        """The secret of a session for whom an identity provider names; None when the directory says they are gone."""
        now = asking.utc_now()
        made = asking.open_session_from_outside(Outside(subject, email, frozenset(groups)), self._catalog, now)
        return None if made is None else self._kept_session(made, now)

    def principal_of_session(self, secret: str) -> Principal | None:
        """Whose session this is; None when it has ended."""
        return asking.principal_of_session(secret, self._catalog, asking.utc_now())

    def close_session(self, secret: str) -> None:
        """End a session, if there is one."""
        session = asking.session_of(secret, self._catalog)
        if session is not None:
            self._catalog.access.revoke(session.id)

    def _kept_session(self, made: tuple[str, Token], now: datetime) -> str:
        self._catalog.access.forget_ended(now)
        self._catalog.access.add_token(made[1])
        return made[0]

    def principal_from_outside(
        self, subject: Handle, *, email: str | None = None, groups: Collection[str] = ()
    ) -> Principal | None:
        """Somebody whom an identity provider or a trusted proxy names; None when the directory says they are gone."""
        return asking.principal_from_outside(subject, email, groups, self._catalog)

    def create_token(
        self,
        name: str,
        *,
        by: Principal,
        user: str | None = None,
        scopes: frozenset[str] = asking.READING | {"docs:write"},
        silos: frozenset[str] | None = None,
        days: int | None = 90,
        once: bool = False,
    ) -> tuple[str, Token]:
        """A new token: the secret, which is never shown again, and what is kept of it.

        NotPermitted when it would allow more than whoever makes it may do.
        """
        asking.need(by, "admin")
        asking.check_name(name)
        if user is not None:
            user = self.principal_for(user).user
        names = None if silos is None else frozenset(SiloName(silo) for silo in silos)
        asking.need_as_much(by, scopes, names)
        secret, token = asking.make_token(
            name,
            user=user,
            scopes=scopes,
            silos=names,
            lifetime=None if days is None else timedelta(days=days),
            once=once,
            now=asking.utc_now(),
        )
        self._catalog.access.add_token(token)
        self._audit(by, "token.create", token.id)
        return secret, token

    def mint_widget_token(
        self,
        origin: str,
        by: Principal,
        *,
        user: str | None = None,
        scopes: frozenset[str] = frozenset({"search:read"}),
        minutes: int = 60,
    ) -> tuple[str, Token]:
        """A short-lived token for the pages of one origin, asked for by the site's own back end."""
        asking.need(by, "tokens:mint")
        if user is not None:
            user = self.principal_for(user).user
        now = asking.utc_now()
        secret, token = asking.make_widget_token(origin, by, user=user, scopes=scopes, minutes=minutes, now=now)
        self._catalog.access.forget_ended(now)
        self._catalog.access.add_token(token)
        self._audit(by, "token.widget", token.id, {"origin": origin, "user": token.user})
        return secret, token

    def take(self, key: str, rate: Rate) -> float:
        """Seconds to wait before whoever `key` stands for may ask again; 0 when now. StoreError when nothing can be
        counted."""
        return self._catalog.rates.take(key, rate, time.time())

    def sought(self, kind: Sought, by: Principal, *, address: str | None = None) -> None:
        """Count, for this hour, a request by which `by`, or whoever is at `address`, may learn what there is; note in
        the audit when it is more than work asks for."""
        now = int(time.time())
        began = now - now % probing.HOUR
        count = self._catalog.rates.count(f"{kind} {by.user} {address}", began)
        if probing.noteworthy(kind, count):
            hour = f"{datetime.fromtimestamp(began, UTC):%Y-%m-%dT%H:%MZ}"
            told = {"kind": str(kind), "count": str(count), "hour": hour}
            self._audit(by, "probing.suspected", address or by.user, told)

    def refused(self, by: Principal, what: str) -> None:
        """Note that somebody was refused what they may not do."""
        self._audit(by, "refused", what)

    def tokens(self, by: Principal) -> tuple[Token, ...]:
        """Those that allow no more silos than the one that asks."""
        asking.need(by, "admin")
        return tuple(token for token in self._catalog.access.tokens() if _below(token, by))

    def revoke_token(self, token_id: str, by: Principal) -> None:
        known = any(token.id == token_id for token in self.tokens(by))
        if not known or not self._catalog.access.revoke(token_id):
            raise NotFound(f"there is no token {token_id}: sensemake token list")
        self._audit(by, "token.revoke", token_id)


def _below(token: Token, by: Principal) -> bool:
    return by.only is None or (token.silos is not None and token.silos <= by.only)
