"""Signing in on the search page, with a token or at the identity provider, and out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from sensemake.api.limits import Limits
from sensemake.api.principal import COOKIE, Doorkeeper, from_our_own_page
from sensemake.api.routes.pages import (
    keep_session,
    origin,
    policy,
    rendered,
    search_page,
    signed_in,
    signed_out,
    spoken,
)
from sensemake.api.signing_in import PATIENCE, SignIn, Waiting
from sensemake.errors import NotFound, NotPermitted, NotSignedIn, SensemakeError, Unreachable

router = APIRouter(include_in_schema=False)
WAITING = "sensemake_signing_in"
"""The cookie of a browser that left for the identity provider."""


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """A token, typed into the page, becomes a session: it is then in no script's reach."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if not from_our_own_page(request):
        raise NotPermitted("a page of another site may not sign anybody in")
    limits: Limits = request.app.state.limits
    limits.sign_in(request)
    try:
        return signed_in(doorkeeper.sign_in(token.strip()), request)
    except NotSignedIn:
        say = spoken(request)
        return _failed(request, say("badToken", command="sensemake token create"))


@router.get("/sign-in/provider")
def leave(request: Request) -> Response:
    """To the identity provider. What has to be remembered is in a cookie that comes along on the way back (Lax)."""
    waiting = Waiting.new()
    try:
        response = RedirectResponse(_provider(request).address(waiting, _back(request)), 303)
    except Unreachable as error:
        return _refused(request, error)
    secure = origin(request).startswith("https:")
    response.set_cookie(WAITING, str(waiting), PATIENCE, path="/sign-in", httponly=True, samesite="lax", secure=secure)
    return response


@router.get("/sign-in/return")
def come_back(request: Request) -> Response:
    """From the identity provider: a session, and a page of ours that leads on.

    A redirect would not do: on the way from another site the browser sends no Strict cookie.
    """
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    waiting = Waiting.read(request.cookies.get(WAITING, ""))
    try:
        named = _provider(request).named(waiting, request.query_params, _back(request))
        session = doorkeeper.sign_in_as(named)
    except (NotSignedIn, Unreachable) as error:
        limits: Limits = request.app.state.limits
        limits.sign_in(request)
        return _refused(request, error)
    response = rendered("signed-in.html", {"say": spoken(request)}, policy())
    keep_session(response, session, request)
    response.delete_cookie(WAITING, path="/sign-in")
    return response


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if not from_our_own_page(request):
        raise NotPermitted("a page of another site may not sign anybody out")
    doorkeeper.sign_out(request.cookies.get(COOKIE, ""))
    return signed_out()


def _provider(request: Request) -> SignIn:
    provider: SignIn | None = request.app.state.sign_in
    if provider is None:
        raise NotFound("nobody signs in at an identity provider here")
    return provider


def _back(request: Request) -> str:
    return f"{origin(request)}/sign-in/return"


def _refused(request: Request, error: SensemakeError) -> Response:
    say = spoken(request)
    response = _failed(request, say("providerFailed") + f" ({error})")
    response.status_code = error.status
    response.delete_cookie(WAITING, path="/sign-in")
    return response


def _failed(request: Request, problem: str) -> Response:
    """The page again, as nobody in particular has it, with what went wrong."""
    content = {"problem": problem, "signing_in": True}
    return search_page(content, request.app.state.workspace.anonymous(), request)
