"""Keeps the register of open questions: what nobody answered, until an answer appears or somebody dismisses it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from sensemake.model import Document, Insight, OpenQuestion, stable_id
from sensemake.rules import asking_again, open_questions
from sensemake.rules.open_questions import Asked, Heard

IN_VAIN = "in vain"
"""What an insight is called that tells of a search without an answer."""

Answered = Callable[[Document, Asked], bool]
"""Whether a later text answers what a document asks."""


def asked(
    documents: Sequence[Document], *, dismissed: Collection[str], only: Callable[[Document, Asked], bool]
) -> list[OpenQuestion]:
    """What the documents ask and nobody answers in them, the newest first, dismissed ones among them.

    `documents` are all that may be read, for the answer to one may stand in another; `only` says which are asked for.
    """
    heard = Heard(documents)
    found = ((d, asked) for d in documents if (asked := open_questions.open_in(d, heard)) is not None)
    questions = [_question(d, asked, dismissed) for d, asked in found if only(d, asked)]
    return sorted(questions, key=_newest_first)


def gaps(insights: Iterable[Insight], *, dismissed: Collection[str]) -> list[OpenQuestion]:
    """What was asked of the search in vain, by five people or more in a month; each once, of its newest month."""
    told: dict[str, OpenQuestion] = {}
    for one in insights:
        if one.what == IN_VAIN:
            id_ = stable_id("gap", asking_again.key(one.text))[:12]
            question = OpenQuestion(id_, one.text, month=one.month, people=one.people, dismissed=id_ in dismissed)
            told.setdefault(id_, question)
    return list(told.values())


def still_open(questions: Iterable[OpenQuestion], answered: Callable[[OpenQuestion], bool]) -> Iterator[OpenQuestion]:
    """Those that no later text answers, as they are asked for: each costs a search."""
    return (question for question in questions if not answered(question))


def _question(document: Document, asked: Asked, dismissed: Collection[str]) -> OpenQuestion:
    id_ = asked.id_in(document)
    return OpenQuestion(id_, asked.text, document, asked.locator, asked.time, dismissed=id_ in dismissed)


def _newest_first(question: OpenQuestion) -> tuple[bool, float, str]:
    return question.time is None, -question.time.timestamp() if question.time else 0.0, question.id
