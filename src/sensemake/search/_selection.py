"""What is asked of a partition, in tantivy's words: filters, masks and removals over its raw fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sensemake.model import PassageId, SiloName, Where, stable_id
from sensemake.rules import wording
from sensemake.search._exact import Held

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SAID = "said"
"""The field of words in their order, for phrases."""
_RAW = ("silo", "kind", "source", "author", "language")


@cache
def tantivy() -> Any:
    """The library, looked up once: an import statement in what every question runs hundreds of times tells."""
    import tantivy as library

    return library


@cache
def schema() -> Any:
    """The fields of a partition; everything is stored, so that it can be rewritten from itself."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("terms", stored=True, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("passage", stored=True, tokenizer_name="raw", index_option="basic")
    for name in _RAW:
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("time", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("number", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("length", stored=True, fast=True)
    # Last: an index of before there were phrases has all the others in their places, and is told by lacking it.
    builder.add_text_field(SAID, stored=True, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def document(held: Held, number: int) -> Any:
    """A passage as tantivy takes it. Its terms are grouped: their order is not kept."""
    from tantivy import Document

    passage = held.passage
    fields: dict[str, Any] = {
        "terms": " ".join(term for term, times in held.frequencies.items() for _ in range(times)),
        "passage": passage.id,
        "silo": _key(passage.silo),
        "kind": _key(passage.kind),
        "source": _key(passage.source),
        "author": sorted(_key(str(handle)) for handle in passage.authors),
        "number": number,
        "length": held.length,
        SAID: " ".join(wording.sequence(passage)),
    }
    if passage.language is not None:
        fields["language"] = _key(passage.language)
    if passage.time is not None:
        fields["time"] = _microseconds(passage.time)
    return Document.from_dict(fields, schema())


@dataclass(frozen=True, slots=True)
class Lot:
    """Passages named one by one or by their silo, but for those of the `spared`: a mask, or what a commit removes."""

    passages: frozenset[PassageId] = frozenset()
    silos: frozenset[SiloName] = frozenset()
    spared: frozenset[SiloName] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.passages or self.silos)

    def query(self) -> Any:
        named = either([_any_of("passage", self.passages), of_silos(self.silos)])
        return both([named], [of_silos(self.spared)]) if self.spared else named


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a question looks and what is masked there, put into clauses once for all partitions."""

    where: Where
    silos: frozenset[SiloName]
    """Those that are searched: `where` names them and they may be read."""
    filters: Sequence[Any]
    masked: Any
    """None when nothing is."""

    @classmethod
    def of(cls, where: Where, mask: Lot) -> Scope:
        return cls(where, where.silos & where.readable, narrowing(where), mask.query() if mask else None)

    def wanted(self, held: frozenset[SiloName]) -> Sequence[Any]:
        """The clauses for a partition that holds these silos; none when everything there is wanted."""
        return self.filters if held <= self.silos else [*self.filters, of_silos(held & self.silos)]

    def unmasked(self, clauses: Sequence[Any]) -> Any:
        """What is selected by all of `clauses` and not masked, as a query; None when that is everything."""
        return both(clauses, [] if self.masked is None else [self.masked])


def of_silos(silos: Collection[SiloName]) -> Any:
    return _any_of("silo", [_key(silo) for silo in silos])


def narrowing(where: Where) -> list[Any]:
    """One clause for each filter of `where` that is set, but for its silos."""
    wanted = {"kind": where.kinds, "source": where.sources, "language": where.languages, "author": where.authors}
    clauses = [_any_of(name, [_key(str(v)) for v in values]) for name, values in wanted.items() if values is not None]
    if where.since is not None or where.until is not None:
        from tantivy import FieldType, Query

        since = None if where.since is None else _microseconds(where.since)
        until = None if where.until is None else _microseconds(where.until)
        clauses.append(Query.range_query(schema(), "time", FieldType.Integer, since, until))
    clauses += [_saying(phrase) for phrase in sorted(where.phrases)]
    if where.without:
        clauses.append(both([], [_saying(phrase) for phrase in sorted(where.without)]))
    return clauses


def _saying(phrase: tuple[str, ...]) -> Any:
    """Passages that say these words one after the other."""
    from tantivy import Query

    if len(phrase) == 1:
        return Query.term_query(schema(), SAID, phrase[0])
    return Query.phrase_query(schema(), SAID, list(phrase))


def both(must: Sequence[Any], must_not: Sequence[Any] = ()) -> Any:
    """All of `must` and none of `must_not`; None when nothing is asked."""
    if not must and not must_not:
        return None
    occur, query = tantivy().Occur, tantivy().Query
    clauses = [(occur.Must, one) for one in (must or [query.all_query()])]
    return query.boolean_query(clauses + [(occur.MustNot, one) for one in must_not])


def either(queries: Iterable[Any]) -> Any:
    should = tantivy().Occur.Should
    return tantivy().Query.boolean_query([(should, query) for query in queries])


def _any_of(field: str, values: Iterable[str]) -> Any:
    from tantivy import Query

    return Query.term_set_query(schema(), field, sorted(values))


def _key(value: str) -> str:
    """Names as digests of one length: whatever they hold (half a surrogate pair, 70,000 letters) is a legal term."""
    return stable_id(value)


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)
