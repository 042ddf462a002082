"""What goes with searching: what is similar, what may be meant, what helped, what is pinned, and what is told of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from sensemake import wire
from sensemake.api.asked import Cursor, HelpedRequest, PinRequest, UnpinRequest
from sensemake.api.principal import Administrator, Searcher
from sensemake.api.probing import sought
from sensemake.api.state import Home
from sensemake.api.turns import InTurn
from sensemake.model import Query as Asked
from sensemake.rules.probing import Sought

router = APIRouter(prefix="/api/v1", tags=["finding"])

Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/passages/{passage}/similar", summary="What other documents say that is nearest to a passage")
async def similar(
    passage: str,
    home: Home,
    by: Searcher,
    turn: InTurn,
    limit: Limit = 10,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> wire.SearchJSON:
    query = Asked("", limit, cursor=cursor)
    return await turn.answer(by, lambda by: wire.search_json(home.similar(passage, query, by)))


@router.get("/suggestions", summary="Titles, people and themes with a word that begins so")
def suggestions(
    request: Request,
    home: Home,
    by: Searcher,
    prefix: Annotated[str, Query(min_length=1, max_length=200, examples=["ti"])],
    limit: Limit = 8,
) -> wire.SuggestionsJSON:
    found = home.suggest(prefix, by, limit=limit)
    if not found:
        sought(request, Sought.TYPED)
    return wire.suggestions_json(prefix, found)


@router.post("/helped", summary="Say that a passage helped", status_code=202)
def helped(asked: HelpedRequest, home: Home, by: Searcher) -> wire.HelpedJSON:
    """It is counted without names, and told to administrators when five people or more said so in a month."""
    home.helped(asked.passage_id, by, question=asked.query)
    return {"passage_id": asked.passage_id, "counted": True}


@router.get("/insights", summary="What is asked, asked in vain, opened and found helpful, by five people or more")
def insights(home: Home, by: Administrator) -> wire.InsightsJSON:
    return wire.insights_json(home.insights(by))


@router.get("/pins", summary="Pinned answers")
def pins(home: Home, by: Administrator) -> wire.PinsJSON:
    return wire.pins_json(home.pins(by))


@router.post("/pins", summary="Pin an answer to a question", status_code=201)
def pin(asked: PinRequest, home: Home, by: Administrator) -> wire.PinsJSON:
    return wire.pins_json([home.pin(asked.question, asked.target, by)])


@router.post("/pins/remove", summary="Take away what is pinned to a question")
def unpin(asked: UnpinRequest, home: Home, by: Administrator) -> wire.PinsJSON:
    """What is pinned to other questions is answered."""
    home.unpin(asked.question, by)
    return wire.pins_json(home.pins(by))
