"""Questions: POSTs, because what people ask belongs into no address and no log."""

from __future__ import annotations

from fastapi import APIRouter

from sensemake import wire
from sensemake.api.asked import AskRequest, ExpertsRequest, SearchRequest
from sensemake.api.principal import ExpertSeeker, QuestionAsker, Searcher
from sensemake.api.probing import sought
from sensemake.api.state import Home
from sensemake.api.turns import InTurn
from sensemake.rules.probing import Sought

router = APIRouter(prefix="/api/v1", tags=["questions"])


@router.post("/search", summary="Find passages by meaning and by words")
async def search(asked: SearchRequest, home: Home, by: Searcher, turn: InTurn) -> wire.SearchJSON:
    """Passages in order, each with the reason why it was found; or `abstained`, when nothing good was."""
    query = asked.asking(asked.query)
    answer = await turn.answer(by, lambda by: wire.search_json(home.search(query, by)))
    if answer["abstained"]:
        sought(turn.request, Sought.UNANSWERED)
    return answer


@router.post("/experts", summary="Find who knows about a topic")
async def experts(asked: ExpertsRequest, home: Home, by: ExpertSeeker, turn: InTurn) -> wire.ExpertsJSON:
    """People in order, none without evidence that the asker may read."""
    query = asked.asking(asked.topic)
    return await turn.answer(by, lambda by: wire.experts_json(home.who(query, by), explain=asked.explain))


@router.post("/ask", summary="Route a question")
async def ask(asked: AskRequest, home: Home, by: QuestionAsker, turn: InTurn) -> wire.RoutingJSON:
    """Where it is answered already, and whom to ask, each with a message that is ready to send."""
    query = asked.asking(asked.question)
    return await turn.answer(by, lambda by: wire.routing_json(home.ask(query, by)))
