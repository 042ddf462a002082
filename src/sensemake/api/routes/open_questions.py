"""The register of open questions: what nobody answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from sensemake import wire
from sensemake.api.asked import Day, Names
from sensemake.api.principal import DocumentReader, Writer
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1/questions", tags=["open questions"])


@router.get("", summary="What nobody answered")
def open_questions(
    home: Home,
    by: DocumentReader,
    silo: Annotated[Names, Query(description="Only of these silos.")] = [],  # noqa: B006 -- FastAPI copies it
    since: Annotated[Day | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    *,
    dismissed: bool = False,
) -> wire.QuestionsJSON:
    """The newest first; before them, for administrators, what five people or more asked the search in vain."""
    asked_since = wire.since(since) if since is not None else None
    return wire.questions_json(home.questions(by, silos=silo, since=asked_since, dismissed=dismissed, limit=limit))


@router.post("/{question}/dismiss", summary="Take a question out of the list, for everybody")
def dismiss(question: str, home: Home, by: Writer) -> wire.QuestionsJSON:
    return wire.questions_json([home.dismiss_question(question, by)])


@router.post("/{question}/reopen", summary="Put a dismissed question back")
def reopen(question: str, home: Home, by: Writer) -> wire.QuestionsJSON:
    return wire.questions_json([home.dismiss_question(question, by, dismissed=False)])
