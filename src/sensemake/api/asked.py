"""What a request may hold, checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sensemake import wire
from sensemake.model import Filters, Kind, Query

Words = Annotated[str, Field(min_length=1, max_length=1_000)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=100)]
Day = Annotated[str, Field(max_length=40, examples=["2026-05-01"], description="A day (UTC) or an ISO 8601 time.")]


class _Narrowed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    cursor: Annotated[str | None, Field(max_length=1_000, description="`next_cursor` of an earlier answer.")] = None
    silos: Names = []
    kinds: Annotated[list[Kind], Field(max_length=20)] = []
    sources: Names = []
    authors: Names = []
    languages: Names = []
    since: Day | None = None
    until: Day | None = None

    def asking(self, text: str) -> Query:
        filters = Filters(
            silos=tuple(self.silos),
            kinds=tuple(self.kinds),
            sources=tuple(self.sources),
            authors=tuple(self.authors),
            languages=tuple(self.languages),
            since=wire.since(self.since) if self.since else None,
            until=wire.until(self.until) if self.until else None,
        )
        return Query(text, self.limit, filters, self.cursor)


class SearchRequest(_Narrowed):
    """A question and what it is narrowed to; an empty list narrows nothing."""

    query: Annotated[Words, Field(examples=["how do we read the tide tables"])]


class ExpertsRequest(_Narrowed):
    """A topic and what the evidence is narrowed to."""

    topic: Annotated[Words, Field(examples=["tide tables"])]
    explain: bool = False


class HelpedRequest(BaseModel):
    """What helped, and with which question."""

    model_config = ConfigDict(extra="forbid")

    passage_id: Annotated[str, Field(min_length=1, max_length=100)]
    query: Annotated[str, Field(max_length=1_000)] = ""


class UnpinRequest(BaseModel):
    """A question, as people ask it."""

    model_config = ConfigDict(extra="forbid")

    question: Words


class PinRequest(UnpinRequest):
    """A question, and the id of the passage or document that answers it."""

    target: Annotated[str, Field(min_length=1, max_length=100)]


class AskRequest(_Narrowed):
    """A question that looks for somebody to answer it."""

    question: Annotated[Words, Field(examples=["who can calibrate the tide gauge"])]


class BuildRequest(BaseModel):
    """Whom the themes are for: they come from what all these groups may read."""

    model_config = ConfigDict(extra="forbid")

    audience: Names = []


class ReflectionRequest(BaseModel):
    """What somebody noticed, learnt or wondered about."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=100_000)]
    silo: Annotated[str, Field(min_length=1, max_length=300)]
    title: Annotated[str | None, Field(max_length=300)] = None
    template: Annotated[str, Field(max_length=100)] = "open"
    author: Annotated[str | None, Field(max_length=300)] = None
    anonymous: bool = False
    at: Day | None = None
