"""The application that the settings describe: by which names it answers, whom it believes, where people sign in."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.applications import Starlette

from sensemake.api.app import create_app
from sensemake.api.guard import LOOPBACK
from sensemake.api.metrics import Metrics
from sensemake.api.oidc import Provider, Verifier
from sensemake.api.proxies import Proxies
from sensemake.api.signing_in import SignIn
from sensemake.api.telemetry import tracing
from sensemake.config import Settings, processors
from sensemake.errors import UsageError
from sensemake.workspace import Workspace

Doors = Mapping[str, Callable[[Workspace], Starlette]]
"""What makes other applications over the same workspace, by their path (`/mcp`)."""
NO_DOORS: Doors = MappingProxyType({})


def configured(
    workspace: Workspace,
    settings: Settings,
    doors: Doors = NO_DOORS,
    *,
    with_worker: bool = False,
    closes: bool = False,
    metrics: Metrics | None = None,
) -> FastAPI:
    """The application over a workspace, as the settings say; with `closes` the workspace ends with it. UsageError when
    they contradict each other."""
    return create_app(
        workspace,
        hosts=_hosts(settings) if is_loopback(settings.host) else None,
        mounted={path: door(workspace) for path, door in doors.items()},
        embed_origins=settings.embed_origins,
        with_worker=with_worker,
        closes=closes,
        metrics=metrics,
        tracing=tracing(),
        origins=settings.allowed_origins.split(),
        requests_per_minute=settings.requests_per_minute,
        questions_at_once=settings.questions_at_once or max(1, processors() // settings.workers),
        verifier=_verifier(settings),
        proxies=Proxies.named(settings.trusted_proxies, settings.proxy_user_header, settings.proxy_groups_header),
        public_url=settings.public_url,
        sign_in=_sign_in(settings),
    )


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
