"""Questions: POSTs, because what people ask belongs into no address and no log."""

from __future__ import annotations

from fastapi import APIRouter

from sensemake import wire
from sensemake.api.asked import AskRequest, ExpertsRequest, SearchRequest
from sensemake.api.principal import ExpertSeeker, QuestionAsker, Searcher
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1", tags=["questions"])


@router.post("/search", summary="Find passages by meaning and by words")
def search(asked: SearchRequest, home: Home, by: Searcher) -> wire.SearchJSON:
    """Passages in order, each with the reason why it was found; or `abstained`, when nothing good was."""
    return wire.search_json(home.search(asked.asking(asked.query), by))


@router.post("/experts", summary="Find who knows about a topic")
def experts(asked: ExpertsRequest, home: Home, by: ExpertSeeker) -> wire.ExpertsJSON:
    """People in order, none without evidence that the asker may read."""
    return wire.experts_json(home.who(asked.asking(asked.topic), by), explain=asked.explain)


@router.post("/ask", summary="Route a question")
def ask(asked: AskRequest, home: Home, by: QuestionAsker) -> wire.RoutingJSON:
    """Where it is answered already, and whom to ask, each with a message that is ready to send."""
    return wire.routing_json(home.ask(asked.asking(asked.question), by))
