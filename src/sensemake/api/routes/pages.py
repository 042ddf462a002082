"""How a page of ours leaves: from its template, with a policy that runs our own files only, and maybe a session."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader

from sensemake.api.principal import COOKIE, SESSION_SECONDS
from sensemake.api.speaking import Speaker, speaker
from sensemake.model import Principal


def policy(*, ancestors: str = "'none'") -> str:
    """Our own script and styles; no markup becomes code (Trusted Types); framed by `ancestors` only."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
        f"frame-ancestors {ancestors}"
    )


def rendered(template: str, content: Mapping[str, Any], content_policy: str) -> HTMLResponse:
    html = _templates().get_template(template).render(content)
    return HTMLResponse(html, headers={"Content-Security-Policy": content_policy})


def search_page(content: Mapping[str, Any], by: Principal, request: Request) -> HTMLResponse:
    """The search page as `by` has it, in their browser's language."""
    shown = {
        "say": spoken(request),
        "signed_in": by.user != "anonymous",
        "user": by.user,
        "writes": "docs:write" in by.scopes,
        "provider": request.app.state.sign_in is not None,
    }
    page = rendered("page.html", {"query": "", "hits": (), "experts": (), **shown, **content}, policy())
    page.headers["Vary"] = "Accept-Language"
    return page


def spoken(request: Request) -> Speaker:
    """The language that the browser asks for."""
    return speaker(request.headers.get("accept-language", ""))


def signed_in(session: str, request: Request) -> Response:
    response = RedirectResponse("/", 303)
    keep_session(response, session, request)
    return response


def keep_session(response: Response, session: str, request: Request) -> None:
    """In a cookie that no script reads and no other site's page sends."""
    response.set_cookie(
        COOKIE, session, SESSION_SECONDS, httponly=True, samesite="strict", secure=origin(request).startswith("https:")
    )


def signed_out() -> Response:
    """A browser whose session has ended goes on as anybody; the page says so."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def origin(request: Request) -> str:
    """By which browsers reach us."""
    return request.app.state.public_url or str(request.base_url).rstrip("/")


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("sensemake.api"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
