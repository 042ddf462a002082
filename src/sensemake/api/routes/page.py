"""The search page: a form and its answer, made on the server; where scripts run, the component takes over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from sensemake.api.principal import COOKIE, SESSION_SECONDS, Doorkeeper, from_our_own_page
from sensemake.api.routes.pages import policy, rendered
from sensemake.api.speaking import Speaker, speaker
from sensemake.api.state import Home
from sensemake.errors import NotPermitted, NotSignedIn, UsageError
from sensemake.model import Evidence, Expert, Hit, Nearest, Principal, Query
from sensemake.workspace import Workspace

router = APIRouter(include_in_schema=False)
SHOWN_EVIDENCE = 3


@router.get("/")
def page(request: Request, owner: str | None = None) -> Response:
    """The empty page; with `?owner=` a session is opened, and the secret leaves the address bar."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if owner is not None:
        return _signed_in(doorkeeper.sign_in(owner), request)
    try:
        by = doorkeeper.principal(request)
    except NotSignedIn:
        return _signed_out()
    return _page({}, by, _say(request))


@router.post("/")
def answer(
    request: Request, home: Home, query: Annotated[str, Form()] = "", verb: Annotated[str, Form()] = "search"
) -> Response:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    try:
        by = doorkeeper.principal(request)
    except NotSignedIn:
        return _signed_out()
    say = _say(request)
    if not query.strip() or len(query) > 1_000:
        return _page({"query": query[:1_000], "problem": say("askLength")}, by, say)
    try:
        return _page({"query": query, **_asked(home, query, verb, by, say)}, by, say)
    except UsageError as error:
        return _page({"query": query, "problem": str(error)}, by, say)


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """A token, typed into the page, becomes a session: it is then in no script's reach."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if not from_our_own_page(request):
        raise NotPermitted("a page of another site may not sign anybody in")
    try:
        return _signed_in(doorkeeper.sign_in(token.strip()), request)
    except NotSignedIn:
        say = _say(request)
        problem = say("badToken", command="sensemake token create")
        return _page({"problem": problem, "signing_in": True}, request.app.state.workspace.anonymous(), say)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if not from_our_own_page(request):
        raise NotPermitted("a page of another site may not sign anybody out")
    doorkeeper.sign_out(request.cookies.get(COOKIE, ""))
    return _signed_out()


def _say(request: Request) -> Speaker:
    return speaker(request.headers.get("accept-language", ""))


def _asked(home: Workspace, query: str, verb: str, by: Principal, say: Speaker) -> Mapping[str, Any]:
    if verb == "who":
        people = home.who(Query(query), by)
        return {
            "experts": [_expert(e, say) for e in people.experts],
            "nothing": not people.experts,
            "nearest": Nearest(),
        }
    found = home.search(Query(query), by)
    return {"hits": [_hit(hit, say) for hit in found.hits], "nothing": not found.hits, "nearest": found.nearest}


def _page(content: Mapping[str, Any], by: Principal, say: Speaker) -> HTMLResponse:
    signed_in = by.user != "anonymous"
    shown = {"signed_in": signed_in, "user": by.user, "writes": "docs:write" in by.scopes}
    page = rendered("page.html", {"say": say, "query": "", "hits": (), "experts": (), **shown, **content}, policy())
    page.headers["Vary"] = "Accept-Language"
    return page


def _signed_in(session: str, request: Request) -> Response:
    response = RedirectResponse("/", 303)
    secure = (request.app.state.public_url or str(request.url)).startswith("https://")
    response.set_cookie(COOKIE, session, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response


def _signed_out() -> Response:
    """A browser whose session has ended goes on as anybody; the page says so."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _hit(hit: Hit, say: Speaker) -> Mapping[str, Any]:
    passage = hit.passage
    day = f"{passage.time:%Y-%m-%d}" if passage.time else ""
    ways = [("byMeaning", hit.dense_rank), ("byWords", hit.lexical_rank)]
    return {
        "place": " › ".join(dict.fromkeys(part for part in (passage.title, *passage.headings) if part)),
        "url": _web(hit.document.url),
        "about": " · ".join(part for part in (", ".join(hit.authors), day, passage.silo, say(hit.band)) if part),
        "pieces": _pieces(passage.text, hit.highlights),
        "why": say("found", ways=say("and").join(say(way, n=rank) for way, rank in ways if rank is not None)),
    }


def _pieces(text: str, highlights: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    pieces, at = [], 0
    for start, end in highlights:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [*pieces, (text[at:], False)]


def _expert(expert: Expert, say: Speaker) -> Mapping[str, Any]:
    active = say("lastActive", date=f"{expert.last_active:%Y-%m-%d}") if expert.last_active else ""
    return {
        "name": expert.person.name,
        "about": " · ".join(part for part in (say(f"{expert.band}Evidence"), ", ".join(expert.silos), active) if part),
        "evidence": [_evidence(each) for each in expert.evidence[:SHOWN_EVIDENCE]],
    }


def _evidence(each: Evidence) -> Mapping[str, str]:
    passage = each.passage
    day = f" {passage.time:%Y-%m-%d}" if passage.time else ""
    return {"said": passage.text, "about": f"{each.role}{day} · {passage.title} · {passage.silo}"}


def _web(url: str | None) -> str | None:
    """A link that a browser may follow; `javascript:` and its like are no places."""
    return url if url and url.lower().startswith(("https://", "http://")) else None
