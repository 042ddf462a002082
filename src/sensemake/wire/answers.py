"""Our answers as JSON: pure, one function for each shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sensemake.errors import SensemakeError
from sensemake.model import (
    AccessAnswer,
    Document,
    Evidence,
    Expert,
    ExpertsAnswer,
    Hit,
    IngestReport,
    Insight,
    Nearest,
    Part,
    Person,
    Pin,
    Proposal,
    ReadFailure,
    SearchAnswer,
    Silo,
    Source,
    Suggestion,
    Theme,
    ThemeEvent,
    ThemeMap,
)
from sensemake.protocols import AuditEvent, Job, Quarantined, Token
from sensemake.wire.shapes import (
    AccessJSON,
    AuditEventJSON,
    DirectoryPersonJSON,
    DocumentJSON,
    EvidenceJSON,
    ExpertJSON,
    ExpertsJSON,
    FailureJSON,
    HitJSON,
    IngestJSON,
    InsightsJSON,
    JobJSON,
    NearestJSON,
    PartJSON,
    PersonJSON,
    PinsJSON,
    ProposalJSON,
    QuarantinedJSON,
    SearchJSON,
    SilosJSON,
    SourceJSON,
    SuggestionJSON,
    SuggestionsJSON,
    SyncedJSON,
    ThemeEventJSON,
    ThemeJSON,
    ThemesJSON,
    TokenJSON,
)
from sensemake.wire.times import moment, stamp


def search_json(answer: SearchAnswer) -> SearchJSON:
    return {
        "query": answer.query,
        "abstained": answer.abstained,
        "nearest": _nearest(answer.nearest),
        "degraded": list(answer.degraded),
        "next_cursor": answer.next_cursor,
        "changed": answer.changed,
        "hits": [hit_json(hit) for hit in answer.hits],
    }


def suggestions_json(typed: str, suggestions: Iterable[Suggestion]) -> SuggestionsJSON:
    told: list[SuggestionJSON] = [
        {"text": s.text, "kind": s.kind, "id": s.id, "written_by": s.written_by} for s in suggestions
    ]
    return {"prefix": typed, "suggestions": told}


def pins_json(pins: Iterable[Pin]) -> PinsJSON:
    return {"pins": [{"question": p.question, "document_id": p.document, "passage_id": p.passage} for p in pins]}


def insights_json(told: Iterable[tuple[Insight, str]]) -> InsightsJSON:
    """Each with the title of its document, if it has one."""
    return {
        "insights": [
            {
                "month": one.month,
                "what": one.what,
                "people": one.people,
                "question": one.text or None,
                "document_id": one.document,
                "title": title if one.document else None,
            }
            for one, title in told
        ]
    }


def experts_json(answer: ExpertsAnswer, *, explain: bool = False) -> ExpertsJSON:
    """`explain` adds the factors of each evidence's weight."""
    return {
        "topic": answer.topic,
        "abstained": answer.abstained,
        "experts": [_expert(expert, explain=explain) for expert in answer.experts],
        "left_out": dict(answer.left_out),
        "second": person_json(answer.second) if answer.second else None,
    }


def themes_json(themes: ThemeMap, *, level: int = 0) -> ThemesJSON:
    return {
        "map_id": themes.id,
        "built_at": stamp(themes.built_at),
        "settings": dict(themes.settings),
        "outlier_ratio": themes.outlier_ratio,
        "stability": themes.stability,
        "loose": themes.loose,
        "gone": list(themes.gone),
        "themes": [theme_json(theme) for theme in (themes.at(level) if level else themes.themes)],
        "levels": themes.levels,
        "broader": [theme_json(theme) for theme in themes.broader],
    }


def theme_json(theme: Theme) -> ThemeJSON:
    return {
        "id": theme.id,
        "label": theme.label,
        "keyphrases": list(theme.keyphrases),
        "size": theme.size,
        "people": theme.people,
        "silos": list(theme.silos),
        "level": theme.level,
        "parent": theme.parent,
        "status": str(theme.status),
        "events": [_event(event) for event in theme.events],
        "members": list(theme.documents),
        "written_by": theme.written.by if theme.written else None,
        "written_from": list(theme.written.saw) if theme.written else [],
        "summary": theme.summary.text if theme.summary else None,
        "summary_by": theme.summary.by if theme.summary else None,
        "summary_from": list(theme.summary.saw) if theme.summary else [],
    }


def ingest_json(report: IngestReport) -> IngestJSON:
    return {
        "documents": report.documents,
        "passages": report.passages,
        "embedded": report.embedded,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "failures": failures_json(report.failures),
        "seconds": report.seconds,
        "warnings": list(report.warnings),
        "masked": dict(report.masked),
    }


def failures_json(failures: Iterable[ReadFailure]) -> list[FailureJSON]:
    return [{"path": f.path, "locator": f.locator, "reason": str(f.reason), "detail": f.detail} for f in failures]


def quarantined_json(entry: Quarantined) -> QuarantinedJSON:
    failure = entry.failure
    return {
        "id": entry.id,
        "silo": entry.source.rpartition("/")[0],
        "source": entry.source,
        "path": failure.path,
        "locator": failure.locator,
        "reason": str(failure.reason),
        "detail": failure.detail,
        "parser": failure.parser,
        "version": entry.version,
        "first_seen": moment(entry.first_seen),
        "last_seen": moment(entry.last_seen),
    }


def document_json(document: Document) -> DocumentJSON:
    return {
        "id": document.id,
        "title": document.title,
        "kind": str(document.kind),
        "silo": document.silo,
        "source": document.source.name,
        "language": document.language,
        "time": moment(document.time),
        "url": document.url,
        "facets": dict(document.facets),
        "contributions": [{"handle": str(c.handle), "role": str(c.role)} for c in document.contributions],
        "parts": [_part(part) for part in document.parts],
    }


def silos_json(silos: Iterable[Silo], *, with_readers: bool) -> SilosJSON:
    return {"silos": [{"name": s.name, "readers": sorted(s.readers) if with_readers else None} for s in silos]}


def source_json(
    source: Source,
    *,
    documents: int,
    last_read: datetime | None,
    failures: Iterable[ReadFailure],
    authored_share: float | None = None,
    newest: datetime | None = None,
) -> SourceJSON:
    """`authored_share` from 0 to 1, to three digits; `newest` is the time of the newest document."""
    return {
        "id": source.id,
        "silo": source.silo,
        "name": source.name,
        "indexer": source.indexer,
        "path": source.path,
        "options": dict(source.options),
        "documents": documents,
        "authored_share": None if authored_share is None else round(authored_share, 3),
        "newest": moment(newest),
        "last_read": moment(last_read),
        "failures": failures_json(failures),
    }


def synced_json(source: Source, outcome: IngestReport | SensemakeError) -> SyncedJSON:
    """Either a report or an error."""
    if isinstance(outcome, SensemakeError):
        return {"source": source.id, "error": str(outcome), "report": None}
    return {"source": source.id, "error": None, "report": ingest_json(outcome)}


def proposal_json(proposal: Proposal) -> ProposalJSON:
    return {
        "handle": str(proposal.handle),
        "shown": proposal.shown,
        "person": {"id": proposal.person, "name": proposal.name, "handles": []},
        "sign": str(proposal.sign),
        "because": proposal.because,
    }


def directory_person_json(person: Person) -> DirectoryPersonJSON:
    return {**person_json(person), "team": person.team, "active": person.active, "listed": person.listed}


def job_json(job: Job) -> JobJSON:
    outcome: Any = job.outcome
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status.value,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "created_at": stamp(job.created),
        "finished_at": moment(job.finished),
        "report": outcome if job.kind == "ingest" else None,
        "synced": outcome["sources"] if outcome and job.kind == "sync" else None,
        "retried": outcome if job.kind == "quarantine.retry" else None,
        "problem": job.problem,
    }


def access_json(answer: AccessAnswer) -> AccessJSON:
    return {
        "user": answer.user,
        "document_id": answer.document,
        "title": answer.title,
        "silo": answer.silo,
        "readers": sorted(answer.readers),
        "shared": sorted(answer.shared),
        "may_read": answer.may_read,
        "because": answer.because,
    }


def audit_json(event: AuditEvent) -> AuditEventJSON:
    return {
        "at": stamp(event.at),
        "by": event.by,
        "action": event.action,
        "about": event.about,
        "detail": dict(event.detail),
    }


def token_json(token: Token) -> TokenJSON:
    return {
        "id": token.id,
        "name": token.name,
        "user": token.user,
        "scopes": sorted(token.scopes),
        "silos": None if token.silos is None else sorted(token.silos),
        "created": stamp(token.created),
        "expires": moment(token.expires),
        "used": moment(token.used),
        "origin": token.origin,
    }


def hit_json(hit: Hit) -> HitJSON:
    passage = hit.passage
    return {
        "rank": hit.rank,
        "passage_id": passage.id,
        "document_id": passage.document,
        "title": passage.title,
        "headings": list(passage.headings),
        "text": passage.text,
        "highlights": [[start, end] for start, end in hit.highlights],
        "silo": passage.silo,
        "source": hit.document.source.name,
        "kind": str(passage.kind),
        "language": passage.language,
        "locator": passage.locator,
        "url": hit.document.url,
        "authors": list(hit.authors),
        "time": moment(passage.time),
        "similar_count": hit.similar_count,
        "band": str(hit.band),
        "why": {"dense_rank": hit.dense_rank, "lexical_rank": hit.lexical_rank},
        "pinned": hit.pinned,
    }


def _nearest(nearest: Nearest) -> NearestJSON:
    return {"themes": list(nearest.themes), "people": list(nearest.people), "written": list(nearest.written)}


def _expert(expert: Expert, *, explain: bool) -> ExpertJSON:
    return {
        "rank": expert.rank,
        "person": person_json(expert.person),
        "band": str(expert.band),
        "silos": list(expert.silos),
        "last_active": moment(expert.last_active),
        "offers": list(expert.offers),
        "evidence": [evidence_json(evidence, explain=explain) for evidence in expert.evidence],
    }


def person_json(person: Person) -> PersonJSON:
    return {"id": person.id, "name": person.name, "handles": [str(handle) for handle in person.handles]}


def evidence_json(evidence: Evidence, *, explain: bool = False) -> EvidenceJSON:
    passage = evidence.passage
    told: EvidenceJSON = {
        "role": str(evidence.role),
        "text": passage.text,
        "title": passage.title,
        "silo": passage.silo,
        "time": moment(passage.time),
        "url": evidence.document.url,
        "passage_id": passage.id,
        "document_id": passage.document,
    }
    if explain:
        told["explain"] = {name: round(value, 4) for name, value in evidence.terms.items()}
    return told


def _event(event: ThemeEvent) -> ThemeEventJSON:
    return {"name": event.name, "numbers": dict(event.numbers), "related": list(event.related)}


def _part(part: Part) -> PartJSON:
    return {
        "text": part.text,
        "author": str(part.author) if part.author else None,
        "role": str(part.role),
        "time": moment(part.time),
        "locator": part.locator,
        "headings": list(part.headings),
    }
