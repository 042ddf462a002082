"""What `search` and `fetch` answer: the shapes of ChatGPT's connectors, with where each thing is from."""

from __future__ import annotations

from typing_extensions import TypedDict

from sensemake import wire
from sensemake.model import Document, Hit, SearchAnswer

LONGEST = 8_000
"""Characters of a passage in a result of `search`."""
PAGE = 40_000
"""Characters of a document that `fetch` gives at once."""


class ResultJSON(TypedDict):
    id: str
    title: str
    url: str
    text: str
    passage_id: str
    silo: str
    kind: str
    authors: list[str]
    time: str | None
    band: str


class ResultsJSON(TypedDict):
    results: list[ResultJSON]
    abstained: bool


class MetadataJSON(TypedDict):
    silo: str
    kind: str
    time: str | None
    characters: int
    next_offset: int | None


class FetchedJSON(TypedDict):
    id: str
    title: str
    text: str
    url: str
    metadata: MetadataJSON


def found(answer: SearchAnswer) -> ResultsJSON:
    return {"results": [_result(hit) for hit in answer.hits], "abstained": answer.abstained}


def fetched(document: Document, offset: int) -> FetchedJSON:
    """A page of a document's text from `offset` (in characters) on; `next_offset` is null at its end."""
    whole = "\n\n".join(_said(text, author) for text, author in _parts(document))
    ends = min(len(whole), offset + PAGE)
    return {
        "id": document.id,
        "title": document.title,
        "text": whole[offset:ends],
        "url": document.url or address(document.id),
        "metadata": {
            "silo": document.silo,
            "kind": str(document.kind),
            "time": wire.moment(document.time),
            "characters": len(whole),
            "next_offset": ends if ends < len(whole) else None,
        },
    }


def address(document: str) -> str:
    """A name for a document that has no place on the web."""
    return f"sensemake://documents/{document}"


def _result(hit: Hit) -> ResultJSON:
    passage = hit.passage
    return {
        "id": passage.document,
        "title": " › ".join((passage.title, *passage.headings)),
        "url": hit.document.url or address(passage.document),
        "text": passage.text[:LONGEST],
        "passage_id": passage.id,
        "silo": passage.silo,
        "kind": str(passage.kind),
        "authors": list(hit.authors),
        "time": wire.moment(passage.time),
        "band": str(hit.band),
    }


def _parts(document: Document) -> list[tuple[str, str | None]]:
    """Texts with who said them; an author is named once for what they said on end."""
    spoken: list[tuple[str, str | None]] = []
    last: str | None = None
    for part in document.parts:
        author = part.author.value if part.author else None
        spoken.append((part.text, author if author != last else None))
        last = author
    return spoken


def _said(text: str, author: str | None) -> str:
    return f"{author}: {text}" if author else text
