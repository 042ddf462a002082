"""How well search finds what is known to answer: each leg alone and both together, over a home of one's own choice."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensemake.config import Settings
from sensemake.errors import UsageError
from sensemake.evaluation import measures
from sensemake.evaluation.judged import Judged, Judgements, Text
from sensemake.evaluation.measures import Compared, Rankings, Values
from sensemake.jobs.search import Found, best_of_documents
from sensemake.model import Document, DocumentId, Kind, Part, Principal, Query, SiloName, Source
from sensemake.rules.query_syntax import prose
from sensemake.workspace import Progress, Workspace, silent

LEGS = ("lexical", "dense", "hybrid")
SOURCE = Source(SiloName("corpus"), "corpus", "beir", "")


@dataclass(frozen=True, slots=True)
class Measured:
    """Each leg's measures, question by question in the order of `questions`."""

    questions: tuple[str, ...]
    legs: Mapping[str, Mapping[str, Values]]

    def mean(self, leg: str, measure: str) -> float:
        return float(self.legs[leg][measure].mean())

    def gain(self, measure: str = "nDCG@10") -> tuple[str, Compared]:
        """The better single leg, and what the hybrid adds to it."""
        best = max(("lexical", "dense"), key=lambda leg: self.mean(leg, measure))
        return best, measures.compare(self.legs["hybrid"][measure], self.legs[best][measure])


def of_folder(
    judged: Judged,
    texts: Sequence[Text],
    settings: Settings,
    *,
    opened: Callable[..., Workspace] = Workspace.open,
    progress: Progress = silent,
) -> Measured:
    """Take a judged corpus into a home that is thrown away, and measure the answers there.

    Questions are asked as sentences: what stands in quotation marks there narrows nothing. The model, the index and
    the cache are those of `settings`; its home and its database are not touched.
    """
    with tempfile.TemporaryDirectory(prefix="sensemake-eval-") as folder:
        apart = settings.model_copy(update={"home": Path(folder) / "home", "database_url": None})
        with opened(apart, create=True) as workspace:
            owner = workspace.owner()
            workspace.take_in(map(document_of, texts), SOURCE, owner, progress=progress)
            names = {document_of(text).id: text.id for text in texts}
            return measured(judged, lambda question: _ask(workspace, prose(question), owner), names, progress)


def of_home(judged: Judged, workspace: Workspace, by: Principal, *, progress: Progress = silent) -> Measured:
    """Measure own questions in a home. Expected documents are named by id, uri or title.

    Raises UsageError when the asker cannot find one of them there at all.
    """
    known = workspace.named(by)
    wanted = {name for documents in judged.judgements.values() for name in documents}
    if missing := sorted(wanted - known.keys()):
        shown = "; ".join(missing[:5])
        raise UsageError(f"{len(missing)} of the {len(wanted)} expected documents are not in this home: {shown}")
    judgements: dict[str, dict[str, int]] = {
        question: {document: grade for name, grade in documents.items() for document in known[name]}
        for question, documents in judged.judgements.items()
    }
    resolved = Judged(judged.questions, judgements)
    return measured(resolved, lambda question: _ask(workspace, question, by), None, progress)


def measured(
    judged: Judged,
    ask: Callable[[str], Sequence[Found]],
    names: Mapping[DocumentId, str] | None,
    progress: Progress = silent,
) -> Measured:
    """Ask every question once. `names` turns our documents' ids into those of the judgements."""
    rankings: dict[str, dict[str, list[str]]] = {leg: {} for leg in LEGS}
    for number, (question, text) in enumerate(judged.questions.items(), 1):
        for leg, documents in ranked(ask(text)).items():
            rankings[leg][question] = [names[document] if names else document for document in documents]
        progress("asking", number, len(judged.questions))
    return Measured(tuple(judged.questions), {leg: _values(judged.judgements, rankings[leg]) for leg in LEGS})


def ranked(found: Sequence[Found]) -> dict[str, list[DocumentId]]:
    """The documents in each leg's order and in that of the answer, each by its best passage."""
    by_words = sorted((f for f in found if f.fused.lexical_rank), key=lambda f: f.fused.lexical_rank or 0)
    by_meaning = sorted((f for f in found if f.fused.dense_rank), key=lambda f: f.fused.dense_rank or 0)
    ordered = {"lexical": by_words, "dense": by_meaning, "hybrid": best_of_documents(found)}
    return {leg: list(dict.fromkeys(f.document for f in some)) for leg, some in ordered.items()}


def _ask(workspace: Workspace, text: str, by: Principal) -> Sequence[Found]:
    return workspace.find(Query(text), by)


def _values(judgements: Judgements, rankings: Rankings) -> Mapping[str, Values]:
    return measures.per_question(judgements, rankings)


def document_of(text: Text) -> Document:
    return Document(SOURCE, text.id, Kind.PAGE, text.title, tuple(_parts(text)), language=text.language)


def _parts(text: Text) -> Iterator[Part]:
    """A document that has a title only is found by it."""
    if text.text.strip() or text.title.strip():
        yield Part(text.text if text.text.strip() else text.title)
