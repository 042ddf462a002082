"""The JSON contract, field by field: the command line, HTTP, MCP and the client speak it.

Times are ISO 8601 in UTC with a Z. No score leaves: a band and the ranks say how good an answer is.
"""

from __future__ import annotations

from typing import Literal, NotRequired

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict


class FiltersJSON(TypedDict, total=False):
    """What a question may be narrowed to; dates are days in UTC or ISO 8601 times."""

    silos: list[str]
    kinds: list[str]
    sources: list[str]
    authors: list[str]
    languages: list[str]
    since: str
    until: str


class WhyJSON(TypedDict):
    """The rank in each way of searching; null where it was not found."""

    dense_rank: int | None
    lexical_rank: int | None


class HitJSON(TypedDict):
    rank: int
    passage_id: str
    document_id: str
    title: str
    headings: list[str]
    text: str
    highlights: list[list[int]]
    silo: str
    source: str
    kind: str
    language: str | None
    locator: str
    url: str | None
    authors: list[str]
    time: str | None
    similar_count: int
    band: str
    why: WhyJSON
    pinned: bool


class NearestJSON(TypedDict):
    """`written` are those of `themes` whose label a language model wrote."""

    themes: list[str]
    people: list[str]
    written: list[str]


class SearchJSON(TypedDict):
    query: str
    abstained: bool
    nearest: NearestJSON
    degraded: list[str]
    next_cursor: str | None
    changed: bool
    hits: list[HitJSON]


class SuggestionJSON(TypedDict):
    """`written_by` is the language model that wrote a theme's label; null when none did."""

    text: str
    kind: Literal["title", "person", "theme"]
    id: str
    written_by: str | None


class SuggestionsJSON(TypedDict):
    prefix: str
    suggestions: list[SuggestionJSON]


class HelpedJSON(TypedDict):
    passage_id: str
    counted: bool


class PinJSON(TypedDict):
    question: str
    document_id: str
    passage_id: str | None


class PinsJSON(TypedDict):
    pins: list[PinJSON]


class InsightJSON(TypedDict):
    """`what` is asked, in vain, opened, helped or helped with; `people` is never below five."""

    month: str
    what: str
    people: int
    question: str | None
    document_id: str | None
    title: str | None


class InsightsJSON(TypedDict):
    insights: list[InsightJSON]


class PersonJSON(TypedDict):
    id: str
    name: str
    handles: list[str]


class EvidenceJSON(TypedDict):
    """`explain` are the factors of the evidence's weight; only for those who asked for them."""

    role: str
    text: str
    title: str
    silo: str
    time: str | None
    url: str | None
    passage_id: str
    document_id: str
    explain: NotRequired[dict[str, float]]


class ExpertJSON(TypedDict):
    """`offers` is what they said they are willing to help with, of what the topic touches."""

    rank: int
    person: PersonJSON
    band: str
    silos: list[str]
    last_active: str | None
    offers: list[str]
    evidence: list[EvidenceJSON]


class ExpertsJSON(TypedDict):
    """`second` may be asked as well as the first, so that not everybody asks the same person."""

    topic: str
    abstained: bool
    experts: list[ExpertJSON]
    left_out: dict[str, int]
    second: PersonJSON | None


class ThemeEventJSON(TypedDict):
    name: str
    numbers: dict[str, float]
    related: list[str]


class ThemeJSON(TypedDict):
    """`written_by` is the language model that wrote the label, from the passages `written_from`; null when none did.

    A `summary` is always a language model's, `summary_by`, from the passages `summary_from`; null when there is none.
    """

    id: str
    label: str
    keyphrases: list[str]
    size: int
    people: int
    silos: list[str]
    level: int
    parent: str | None
    status: str
    events: list[ThemeEventJSON]
    members: list[str]
    written_by: str | None
    written_from: list[str]
    summary: str | None
    summary_by: str | None
    summary_from: list[str]


class ThemesJSON(TypedDict):
    """`themes` are those of one level, the finest unless another was asked for; `broader` are all above the finest."""

    map_id: str
    built_at: str
    settings: dict[str, str]
    outlier_ratio: float
    stability: float | None
    loose: int
    gone: list[str]
    themes: list[ThemeJSON]
    levels: int
    broader: list[ThemeJSON]


class FailureJSON(TypedDict):
    path: str
    locator: str
    reason: str
    detail: str


class QuarantinedJSON(FailureJSON):
    """A failure as it is kept; `version` is that of the reader that gave up."""

    id: str
    silo: str
    source: str
    parser: str
    version: str
    first_seen: str | None
    last_seen: str | None


class IngestJSON(TypedDict):
    documents: int
    passages: int
    embedded: int
    unchanged: int
    removed: int
    failures: list[FailureJSON]
    seconds: float
    warnings: list[str]
    masked: dict[str, int]


class ContributionJSON(TypedDict):
    handle: str
    role: str


class PartJSON(TypedDict):
    text: str
    author: str | None
    role: str
    time: str | None
    locator: str
    headings: list[str]


class DocumentJSON(TypedDict):
    id: str
    title: str
    kind: str
    silo: str
    source: str
    language: str | None
    time: str | None
    url: str | None
    facets: dict[str, str]
    contributions: list[ContributionJSON]
    parts: list[PartJSON]


class SiloJSON(TypedDict):
    """`readers` is null for those who may read the silo but not manage it."""

    name: str
    readers: list[str] | None


class SilosJSON(TypedDict):
    silos: list[SiloJSON]


class SourceJSON(TypedDict):
    id: str
    silo: str
    name: str
    indexer: str
    path: str
    options: dict[str, str]
    documents: int
    authored_share: float | None
    newest: str | None
    last_read: str | None
    failures: list[FailureJSON]


class SyncedJSON(TypedDict):
    source: str
    error: str | None
    report: IngestJSON | None


class ProposalJSON(TypedDict):
    handle: str
    shown: str
    person: PersonJSON
    sign: str
    because: str


class DirectoryPersonJSON(PersonJSON):
    team: str | None
    active: bool
    listed: bool


class TokenJSON(TypedDict):
    """A token as it is listed; the secret was shown when it was made, and is not kept."""

    id: str
    name: str
    user: str
    scopes: list[str]
    silos: list[str] | None
    created: str
    expires: str | None
    used: str | None
    origin: str | None


class TokensJSON(TypedDict):
    tokens: list[TokenJSON]


class CreatedTokenJSON(TypedDict):
    """A new token with its secret, shown this once."""

    secret: str
    token: TokenJSON


class MintedJSON(TypedDict):
    """A new token for a page, shown this once; `expires_in` is in seconds."""

    token: str
    expires_in: int
    id: str
    user: str
    scopes: list[str]
    origin: str


class ReflectionJSON(TypedDict):
    document_id: str


class FaultJSON(TypedDict):
    """One thing that is wrong with a request; `pointer` is an RFC 6901 pointer into it."""

    pointer: str
    detail: str


class ProblemJSON(TypedDict):
    """RFC 9457. `type` is `urn:sensemake:problem:` and the kind of error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FaultJSON]


class SourcesJSON(TypedDict):
    sources: list[SourceJSON]


class QuarantineJSON(TypedDict):
    quarantine: list[QuarantinedJSON]


class DroppedJSON(TypedDict):
    """How many entries of quarantine were forgotten."""

    dropped: int


class RetriedJSON(TypedDict):
    """How many entries were read again, how many left quarantine for it, and those that stay."""

    tried: int
    left: int
    quarantine: list[QuarantinedJSON]


class JobJSON(TypedDict):
    """A job that is done has `report` (ingest), `synced` (each source that was read again) or `retried`."""

    id: str
    kind: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    stage: str
    done: int
    total: int | None
    created_at: str
    finished_at: str | None
    report: IngestJSON | None
    synced: list[SyncedJSON] | None
    retried: RetriedJSON | None
    problem: str | None


class JobsJSON(TypedDict):
    jobs: list[JobJSON]


class AccessJSON(TypedDict):
    """Why somebody may read a document or not; `shared` are the groups by which they may."""

    user: str
    document_id: str
    title: str
    silo: str
    readers: list[str]
    shared: list[str]
    may_read: bool
    because: str


class AuditEventJSON(TypedDict):
    at: str
    by: str
    action: str
    about: str
    detail: dict[str, str]


class AuditJSON(TypedDict):
    events: list[AuditEventJSON]
