"""Who is asking over HTTP: the one place that turns a request into a Principal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer, SecurityScopes

from sensemake.api.limits import Limits, kind_of
from sensemake.api.oidc import Named, Verifier
from sensemake.api.proxies import Proxies
from sensemake.errors import NotPermitted, NotSignedIn, SensemakeError
from sensemake.model import Handle, Principal
from sensemake.workspace import Workspace
from sensemake.workspace.asking import ANONYMOUS

COOKIE = "sensemake_session"
SESSION_SECONDS = 12 * 3600
_SAFE = frozenset({"GET", "HEAD"})
NO_PROXIES = Proxies()

_bearer = HTTPBearer(auto_error=False, description="A token of `sensemake token create`.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by the one-time owner link of `serve`.")


class Doorkeeper:
    """Asks the workspace about tokens and sessions; knows nothing itself, so that any worker of a home may answer."""

    def __init__(
        self, workspace: Workspace, *, verifier: Verifier | None = None, proxies: Proxies = NO_PROXIES
    ) -> None:
        self._workspace = workspace
        self._verifier = verifier
        self._proxies = proxies

    def sign_in(self, secret: str) -> str:
        """Trade a one-time secret, or a token, for a session. NotSignedIn when it is not, or no longer, one.

        A session that a token opened ends when the token does.
        """
        session = self._workspace.open_session(secret)
        if session is None:
            raise NotSignedIn("this link was used already or has ended; sensemake serve prints a new one")
        return session

    def sign_in_as(self, named: Named) -> str:
        """A session for whom the identity provider names. NotSignedIn when the directory says that they are gone."""
        subject = Handle("oidc", named.subject)
        session = self._workspace.open_session_from_outside(subject, email=named.email, groups=named.groups)
        if session is None:
            raise NotSignedIn("the directory says that this person is gone, or is several")
        return session

    def sign_out(self, session: str) -> None:
        self._workspace.close_session(session)

    def principal(self, request: Request) -> Principal:
        """The bearer token's, else whom a trusted proxy names, else the session's; without any the anonymous one.

        Something wrong is never that.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return self._bearer_of(authorization, request)
        user = self._proxies.user(request)
        if user is not None:
            return self._proxied(user, request)
        session = request.cookies.get(COOKIE)
        if session is not None:
            return self._visitor(session, request)
        return self._workspace.anonymous()

    def _bearer_of(self, authorization: str, request: Request) -> Principal:
        scheme, _, secret = authorization.partition(" ")
        origin = request.headers.get("origin")
        bearer = scheme.lower() == "bearer"
        principal = self._known_by(secret.strip(), origin) if bearer else None
        if principal is None:
            limits: Limits = request.app.state.limits
            limits.sign_in(request)
            raise NotSignedIn(
                "this token is unknown, has ended, was revoked or is for another page: sensemake token create makes one"
            )
        return principal

    def _known_by(self, secret: str, origin: str | None) -> Principal | None:
        """Whose token this is: one of ours, or else one that the identity provider signed."""
        if self._verifier is None or secret.count(".") != 2:
            return self._workspace.principal_of_token(secret, origin)
        named = self._verifier.named(secret)
        if named is None:
            return None
        subject = Handle("oidc", named.subject)
        return self._workspace.principal_from_outside(subject, email=named.email, groups=named.groups)

    def _proxied(self, user: str, request: Request) -> Principal:
        """Whom the proxy signed in. It does so for whatever page the browser shows, so a page of another site is told
        apart here."""
        if request.method not in _SAFE and not from_our_own_page(request):
            raise NotPermitted("a page of another site may not act for you")
        email = user if "@" in user else None
        groups = self._proxies.groups(request)
        principal = self._workspace.principal_from_outside(Handle("proxy", user), email=email, groups=groups)
        if principal is None:
            raise NotSignedIn("the directory says that this person is gone, or is several")
        return principal

    def _visitor(self, session: str, request: Request) -> Principal:
        principal = self._workspace.principal_of_session(session)
        if principal is None:
            raise NotSignedIn("this session has ended; sensemake serve prints a link for a new one")
        if request.method not in _SAFE and not from_our_own_page(request):
            raise NotPermitted("a page of another site may not act for you")
        return principal


def from_our_own_page(request: Request) -> bool:
    """A cookie also travels with requests from other ports of this machine; what they are for does not."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    own = request.app.state.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return site in {"same-origin", "none"} and request.headers.get("origin", own) == own


def resolve(
    request: Request,
    needed: SecurityScopes,
    _: Annotated[Any, Security(_bearer)],
    __: Annotated[Any, Security(_cookie)],
) -> Principal:
    """Who is asking, allowed to do what the route needs."""
    return admitted(request, needed.scopes, request.scope["route"].path)


def admitted(request: Request, scopes: Sequence[str], route: str) -> Principal:
    """The same where no route was found yet; this is counted, and so is the route's own question."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    principal = request.state.by = doorkeeper.principal(request)
    limits: Limits = request.app.state.limits
    limits.admit(request, kind_of(route, scopes))
    for scope in scopes:
        if scope not in principal.scopes:
            raise _refused(principal, scope, request, route)
    return principal


def _refused(principal: Principal, scope: str, request: Request, route: str) -> SensemakeError:
    """Why not; of somebody who is known it is written down."""
    reason = f"this needs the right {scope!r}"
    if not _signed_in(request):
        return NotSignedIn(reason)
    workspace: Workspace = request.app.state.workspace
    workspace.refused(principal, f"{request.method} {route}")
    return NotPermitted(reason)


def _signed_in(request: Request) -> bool:
    return request.state.by.user != ANONYMOUS.user or "authorization" in request.headers or COOKIE in request.cookies


Searcher = Annotated[Principal, Security(resolve, scopes=["search:read"])]
ExpertSeeker = Annotated[Principal, Security(resolve, scopes=["experts:read"])]
QuestionAsker = Annotated[Principal, Security(resolve, scopes=["search:read", "experts:read"])]
BridgeReader = Annotated[Principal, Security(resolve, scopes=["experts:read", "themes:read"])]
ThemeReader = Annotated[Principal, Security(resolve, scopes=["themes:read"])]
ReportReader = Annotated[Principal, Security(resolve, scopes=["reports:read"])]
DocumentReader = Annotated[Principal, Security(resolve, scopes=["docs:read"])]
Writer = Annotated[Principal, Security(resolve, scopes=["docs:write"])]
Administrator = Annotated[Principal, Security(resolve, scopes=["admin"])]
Minter = Annotated[Principal, Security(resolve, scopes=["tokens:mint"])]
