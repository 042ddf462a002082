"""Serves a workspace over HTTP until it is told to stop."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType, MappingProxyType
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from sensemake.api.app import create_app
from sensemake.api.guard import LOOPBACK
from sensemake.api.oidc import Provider, Verifier
from sensemake.api.proxies import Proxies
from sensemake.api.signing_in import SignIn
from sensemake.config import Settings
from sensemake.errors import NotFound, UsageError
from sensemake.workspace import Workspace
from sensemake.workspace.asking import SCOPES

GRACE = 10
"""Seconds that running requests are given to end."""


def serve(
    workspace: Workspace,
    settings: Settings,
    say: Callable[[str], None],
    mounted: Mapping[str, Starlette] = MappingProxyType({}),
    *,
    with_worker: bool = True,
) -> None:
    """Bind, say where, and answer until Ctrl-C or SIGTERM. UsageError when the address cannot be had, or not yet."""
    local = is_loopback(settings.host)
    if not local and "people_mode" not in settings.model_fields_set:
        raise UsageError(
            f"{settings.host} is open to other machines: choose first who is named in answers, with "
            "SENSEMAKE_PEOPLE_MODE=opt-out, opt-in or off"
        )
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with _bound(settings) as listener, _owner_link(workspace) as secret, _stopped_by_signals():
        address = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}/"
        say(f"Sensemake answers at {address}")
        say(f"Sign in as its owner, once: {address}?owner={secret}")
        app = create_app(
            workspace,
            hosts=_hosts(settings) if local else None,
            mounted=mounted,
            embed_origins=settings.embed_origins,
            with_worker=with_worker,
            origins=settings.allowed_origins.split(),
            requests_per_minute=settings.requests_per_minute,
            verifier=_verifier(settings),
            proxies=Proxies.named(settings.trusted_proxies, settings.proxy_user_header, settings.proxy_groups_header),
            public_url=settings.public_url,
            sign_in=_sign_in(settings),
        )
        config = uvicorn.Config(
            app,
            log_level=settings.log_level,
            access_log=False,  # it would hold the owner's link
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _hosts(settings: Settings) -> frozenset[str]:
    """The names by which a server on loopback may be called: its own, and that of a proxy before it."""
    public = urlsplit(settings.public_url).hostname
    return LOOPBACK | {public} if public else LOOPBACK


def _verifier(settings: Settings) -> Verifier | None:
    """Who checks tokens of the identity provider; None when none is set. UsageError when a part is missing."""
    parts = {name: getattr(settings, f"oidc_{name}") for name in ("issuer", "audience", "keys")}
    if not any(parts.values()):
        return None
    if missing := [f"SENSEMAKE_OIDC_{name.upper()}" for name, value in parts.items() if not value]:
        raise UsageError(f"an identity provider needs {' and '.join(missing)} as well")
    keys = urlsplit(parts["keys"])
    if keys.scheme != "https" and not is_loopback(keys.hostname or ""):
        raise UsageError("SENSEMAKE_OIDC_KEYS must be an https address: whoever can change the keys can be anybody")
    return Verifier(Provider(**parts, groups=settings.oidc_groups_claim))


def _sign_in(settings: Settings) -> SignIn | None:
    """Where people sign in; None when no client is set up. UsageError when a part is missing."""
    if not settings.oidc_client_id:
        return None
    provider = _verifier(settings)
    if provider is None:
        raise UsageError("SENSEMAKE_OIDC_CLIENT_ID needs SENSEMAKE_OIDC_ISSUER, _AUDIENCE and _KEYS as well")
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        raise UsageError("SENSEMAKE_OIDC_ISSUER must be an https address for people to sign in there")
    made_for_us = replace(provider.provider, audience=settings.oidc_client_id)
    return SignIn(settings.oidc_client_id, settings.oidc_client_secret, Verifier(made_for_us))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """A listening socket of our own: so the port is known, and an address in use is an error of ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no address"
            raise UsageError(
                f"cannot listen on {settings.host} port {settings.port}: {reason}; choose others with --host and --port"
            ) from error
        listener.listen(128)  # from the moment the address is said, whoever comes waits instead of being refused
        yield listener


@contextmanager
def _owner_link(workspace: Workspace) -> Iterator[str]:
    """A secret that signs the owner in once; not used when the server ends, it is void."""
    owner = workspace.owner()
    secret, token = workspace.create_token(
        "owner link of serve", user=None, scopes=SCOPES, silos=None, days=1, once=True, by=owner
    )
    try:
        yield secret
    finally:
        with suppress(NotFound):
            workspace.revoke_token(token.id, owner)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the server, which then ends well: uvicorn raises the signal again when it is done."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(_Stopped):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stopped(BaseException):
    """Somebody asked the server to stop."""


def _stop(_: int, __: FrameType | None) -> None:
    raise _Stopped


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
