"""Profiles, bridges and where a question goes, as JSON."""

from __future__ import annotations

from collections.abc import Iterable

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict

from sensemake.model import (
    Bridge,
    BridgesAnswer,
    Contact,
    Document,
    Holding,
    KnownFor,
    OpenQuestion,
    PersonProfile,
    Routing,
)
from sensemake.wire.answers import evidence_json, hit_json, person_json
from sensemake.wire.shapes import EvidenceJSON, HitJSON, PersonJSON
from sensemake.wire.times import moment


class KnownForJSON(TypedDict):
    """`years` says of how many of the theme's documents they had a part in, by year."""

    theme: str
    label: str
    written_by: str | None
    since: str | None
    until: str | None
    years: dict[str, int]
    silos: list[str]
    evidence: list[EvidenceJSON]


class ProfileJSON(PersonJSON):
    """`hidden` is empty for all but the person and the owner."""

    team: str | None
    title: str | None
    active: bool
    listed: bool
    themes: list[KnownForJSON]
    bridged: list[str]
    helps: list[str]
    hidden: list[str]


class LinkedJSON(TypedDict):
    document_id: str
    title: str
    kind: str
    silo: str
    time: str | None
    url: str | None


class BridgeJSON(TypedDict):
    """`people` is null where they are too few to count; `persons` are named to those who asked for names."""

    theme: str
    label: str
    written_by: str | None
    silos: list[str]
    people: int | None
    documents: list[LinkedJSON]
    persons: list[PersonJSON]
    mine: bool


class HoldingJSON(TypedDict):
    """`holders` is `one` (active person) or `nobody` (who is still active)."""

    theme: str
    label: str
    written_by: str | None
    silos: list[str]
    documents: int
    holders: str
    mine: bool


class BridgesJSON(TypedDict):
    bridges: list[BridgeJSON]
    missing: list[BridgeJSON]
    single: list[HoldingJSON]


class ContactJSON(TypedDict):
    person: PersonJSON
    inside: bool
    evidence: EvidenceJSON
    message: str


class RoutingJSON(TypedDict):
    question: str
    answered: list[HitJSON]
    contacts: list[ContactJSON]


class OpenQuestionJSON(TypedDict):
    """`document` is null of what `people` asked the search in vain in `month`."""

    id: str
    question: str
    time: str | None
    document: LinkedJSON | None
    locator: str
    month: str | None
    people: int | None
    dismissed: bool


class QuestionsJSON(TypedDict):
    questions: list[OpenQuestionJSON]


def questions_json(questions: Iterable[OpenQuestion]) -> QuestionsJSON:
    return {
        "questions": [
            {
                "id": one.id,
                "question": one.text,
                "time": moment(one.time),
                "document": _linked(one.document) if one.document else None,
                "locator": one.locator,
                "month": one.month or None,
                "people": one.people or None,
                "dismissed": one.dismissed,
            }
            for one in questions
        ]
    }


def profile_json(profile: PersonProfile) -> ProfileJSON:
    person = profile.person
    return {
        **person_json(person),
        "team": person.team,
        "title": person.title,
        "active": person.active,
        "listed": person.listed,
        "themes": [_known_for(known) for known in profile.themes],
        "bridged": list(profile.bridged),
        "helps": list(profile.helps),
        "hidden": list(profile.hidden),
    }


def bridges_json(answer: BridgesAnswer) -> BridgesJSON:
    return {
        "bridges": [_bridge(bridge) for bridge in answer.bridges],
        "missing": [_bridge(bridge) for bridge in answer.missing],
        "single": [_holding(holding) for holding in answer.single],
    }


def routing_json(routing: Routing) -> RoutingJSON:
    return {
        "question": routing.question,
        "answered": [hit_json(hit) for hit in routing.answered],
        "contacts": [_contact(contact) for contact in routing.contacts],
    }


def _known_for(known: KnownFor) -> KnownForJSON:
    return {
        "theme": known.theme,
        "label": known.label,
        "written_by": known.written_by,
        "since": moment(known.since),
        "until": moment(known.until),
        "years": {str(year): count for year, count in known.years},
        "silos": list(known.silos),
        "evidence": [evidence_json(each) for each in known.evidence],
    }


def _bridge(bridge: Bridge) -> BridgeJSON:
    return {
        "theme": bridge.theme,
        "label": bridge.label,
        "written_by": bridge.written_by,
        "silos": list(bridge.silos),
        "people": bridge.people,
        "documents": [_linked(document) for document in bridge.documents],
        "persons": [person_json(person) for person in bridge.persons],
        "mine": bridge.mine,
    }


def _linked(document: Document) -> LinkedJSON:
    return {
        "document_id": document.id,
        "title": document.title,
        "kind": str(document.kind),
        "silo": document.silo,
        "time": moment(document.time),
        "url": document.url,
    }


def _holding(holding: Holding) -> HoldingJSON:
    return {
        "theme": holding.theme,
        "label": holding.label,
        "written_by": holding.written_by,
        "silos": list(holding.silos),
        "documents": holding.documents,
        "holders": holding.holders,
        "mine": holding.mine,
    }


def _contact(contact: Contact) -> ContactJSON:
    return {
        "person": person_json(contact.person),
        "inside": contact.inside,
        "evidence": evidence_json(contact.evidence),
        "message": contact.message,
    }
