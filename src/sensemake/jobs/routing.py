"""Routes a question: where it was answered already, and whom to ask, with a message that is ready to send."""

from __future__ import annotations

from collections.abc import Sequence

from sensemake.model import Band, Contact, Document, Evidence, Expert, ExpertsAnswer, Hit, Role, Routing, SearchAnswer
from sensemake.protocols import Corpus

ANSWERS = 3
PEOPLE = 3
"""People of the asker's team, and as many of others."""

_DID = {
    Role.ANSWERED: "you answered",
    Role.NAMED: "you are named as the one to ask in",
    Role.PRESENTED: "you presented",
    Role.DECIDED: "you had a part in deciding",
    Role.OWNS: "you look after",
    Role.EDITED: "you edited",
    Role.APPROVED: "you approved",
    Role.REVIEWED: "you reviewed",
    Role.THANKED: "you were thanked in",
    Role.MENTIONED: "you are mentioned in",
    Role.ASKED: "you asked about it in",
}


def route(
    question: str, *, found: SearchAnswer, known: ExpertsAnswer, corpus: Corpus, team: str | None, asker: str | None
) -> Routing:
    """`known` are the people for the question, best first; `team` and `asker` are the asker's own, if known.

    The asker is not sent to themselves, and nobody is proposed whose evidence is weak.
    """
    people = [e for e in known.experts if e.person.id != asker and e.band is not Band.WEAK and e.evidence]
    inside = [e for e in people if team is not None and e.person.team == team][:PEOPLE]
    outside = [e for e in people if team is None or e.person.team != team][:PEOPLE]
    contacts = [_contact(question, e, inside=False) for e in outside] + [
        _contact(question, e, inside=True) for e in inside
    ]
    return Routing(question, _answered(found.hits, corpus), tuple(contacts))


def _answered(hits: Sequence[Hit], corpus: Corpus) -> tuple[Hit, ...]:
    """Strong passages; those of conversations that hold an answer first."""
    strong = [hit for hit in hits if hit.band is Band.STRONG]
    whole = corpus.documents([hit.document.id for hit in strong])
    answered = {one for one, document in whole.items() if _holds_an_answer(document)}
    return tuple(sorted(strong, key=lambda hit: hit.document.id not in answered)[:ANSWERS])


def _holds_an_answer(document: Document) -> bool:
    return any(part.role is Role.ANSWERED for part in document.parts)


def _contact(question: str, expert: Expert, *, inside: bool) -> Contact:
    best = expert.evidence[0]
    return Contact(expert.person, inside, best, _message(question, expert, best))


def _message(question: str, expert: Expert, best: Evidence) -> str:
    name = expert.person.name.split(" ")[0]
    day = f" ({best.passage.time:%Y-%m-%d})" if best.passage.time else ""
    did = _DID.get(best.role, "you wrote")
    return (
        f"Hi {name}, I have a question: {question.strip()}\n"
        f"I ask you because {did} “{best.passage.title}”{day}. "
        "If you are not the one, whom should I ask?"
    )
