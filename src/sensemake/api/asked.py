"""What a request may hold, checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from sensemake import wire
from sensemake.model import Filters, Kind, Query

Words = Annotated[str, Field(min_length=1, max_length=1_000)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
Names = Annotated[list[Name], Field(max_length=100)]
Several = Annotated[list[Name], Field(max_length=20)]
Some = Annotated[list[Name], Field(max_length=10)]
Few = Annotated[list[Name], Field(max_length=5)]
"""What a question may be narrowed to: fifty things of all kinds together, as the schema says of each kind."""
Day = Annotated[
    str,
    Field(max_length=40),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
            "description": "A day (UTC) or an ISO 8601 time.",
            "examples": ["2026-05-01"],
        }
    ),
]


def _number(value: object) -> object:
    """In a body 10 and 10.0 are whole numbers (JSON Schema says so); "10" and true are not."""
    if isinstance(value, str | bool):
        raise ValueError("should be a whole number")  # noqa: TRY004 -- pydantic catches this one
    return value


Whole = BeforeValidator(_number)
Limit = Annotated[int, Field(ge=1, le=100), Whole]
NewSilo = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f-\x9f:,;/#]+$")]
Group = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f-\x9f:,;/{}\[\]]+$")]
Groups = Annotated[list[Group], Field(max_length=100)]
"""Names as `rules.visibility` takes them."""
Cursor = Annotated[str, Field(min_length=1, max_length=1_000, description="`next_cursor` of an earlier answer.")]
Flag = Annotated[bool, Field(strict=True)]
"""In a body: `"yes"` and 1 are no booleans there."""
Template = Literal["open", "retrospective", "after-action-review", "journal"]
ReadingScope = Literal["search:read", "experts:read", "themes:read", "reports:read", "docs:read"]
Scope = Literal[ReadingScope, "docs:write", "tokens:mint", "admin"]


class _Narrowed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Limit = 10
    cursor: Cursor | None = None
    silos: Several = []
    kinds: Annotated[list[Kind], Field(max_length=5)] = []
    sources: Some = []
    authors: Some = []
    languages: Few = []
    since: Day | None = None
    until: Day | None = None

    def asking(self, text: str) -> Query:
        filters = Filters(
            silos=tuple(self.silos),
            kinds=tuple(self.kinds),
            sources=tuple(self.sources),
            authors=tuple(self.authors),
            languages=tuple(self.languages),
            since=wire.since(self.since) if self.since is not None else None,
            until=wire.until(self.until) if self.until is not None else None,
        )
        return Query(text, self.limit, filters, self.cursor)


class SearchRequest(_Narrowed):
    """A question and what it is narrowed to; an empty list narrows nothing."""

    query: Annotated[Words, Field(examples=["how do we read the tide tables"])]


class ExpertsRequest(_Narrowed):
    """A topic and what the evidence is narrowed to."""

    topic: Annotated[Words, Field(examples=["tide tables"])]
    explain: Flag = False


class HelpedRequest(BaseModel):
    """What helped, and with which question."""

    model_config = ConfigDict(extra="forbid")

    passage_id: Annotated[str, Field(min_length=1, max_length=100, examples=["6a0f1d2c"])]
    query: Annotated[str, Field(max_length=1_000)] = ""


class UnpinRequest(BaseModel):
    """A question, as people ask it."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[Words, Field(examples=["when are probes repaired"])]


class PinRequest(UnpinRequest):
    """A question, and the id of the passage or document that answers it."""

    target: Annotated[str, Field(min_length=1, max_length=100, examples=["6a0f1d2c"])]


class AskRequest(_Narrowed):
    """A question that looks for somebody to answer it."""

    question: Annotated[Words, Field(examples=["who can calibrate the tide gauge"])]


class BuildRequest(BaseModel):
    """Whom the themes are for: they come from what all these groups may read."""

    model_config = ConfigDict(extra="forbid")

    audience: Annotated[Names, Field(examples=[["staff"]])] = []


class ReflectionRequest(BaseModel):
    """What somebody noticed, learnt or wondered about."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=100_000, examples=["The new checklist saved us an hour."])]
    silo: Annotated[str, Field(min_length=1, max_length=300, examples=["handbook"])]
    title: Annotated[str | None, Field(max_length=300)] = None
    template: Template = "open"
    author: Annotated[str | None, Field(max_length=300)] = None
    anonymous: Flag = False
    at: Day | None = None
