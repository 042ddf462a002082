"""The search page: a form and its answer, made on the server; where scripts run, the component takes over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from sensemake.api.limits import QUESTION, Limits
from sensemake.api.principal import Doorkeeper
from sensemake.api.probing import sought
from sensemake.api.routes.pages import search_page, signed_in, signed_out, spoken
from sensemake.api.speaking import Speaker
from sensemake.api.state import Home
from sensemake.api.turns import InTurn
from sensemake.errors import NotSignedIn, UsageError
from sensemake.model import Evidence, Expert, Hit, Nearest, Principal, Query
from sensemake.rules.probing import Sought
from sensemake.workspace import Workspace

router = APIRouter(include_in_schema=False)
SHOWN_EVIDENCE = 3


@router.get("/")
def page(request: Request, owner: str | None = None) -> Response:
    """The empty page; with `?owner=` a session is opened, and the secret leaves the address bar."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    if owner is not None:
        limits: Limits = request.app.state.limits
        limits.sign_in(request)
        return signed_in(doorkeeper.sign_in(owner), request)
    try:
        by = doorkeeper.principal(request)
    except NotSignedIn:
        return signed_out()
    return search_page({}, by, request)


@router.post("/")
async def answer(
    request: Request,
    home: Home,
    turn: InTurn,
    query: Annotated[str, Form()] = "",
    verb: Annotated[str, Form()] = "search",
) -> Response:
    return await turn.take(lambda: _answered(request, home, query, verb))


def _answered(request: Request, home: Workspace, query: str, verb: str) -> Response:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    try:
        by = request.state.by = doorkeeper.principal(request)
    except NotSignedIn:
        return signed_out()
    limits: Limits = request.app.state.limits
    limits.admit(request, QUESTION)
    say = spoken(request)
    if not query.strip() or len(query) > 1_000:
        return search_page({"query": query[:1_000], "problem": say("askLength")}, by, request)
    try:
        asked = _asked(home, query, verb, by, say)
    except UsageError as error:
        return search_page({"query": query, "problem": str(error)}, by, request)
    if verb == "who" or asked["nothing"]:
        sought(request, Sought.PEOPLE if verb == "who" else Sought.UNANSWERED)
    return search_page({"query": query, **asked}, by, request)


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
