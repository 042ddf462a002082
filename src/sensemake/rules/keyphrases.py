"""The words that set one theme apart from the others.

Class-based TF-IDF (Grootendorst 2022, arXiv:2203.05794) over phrases of one to three words that lie between stop words
and punctuation (as in RAKE, Rose et al. 2010), then maximal marginal relevance (Carbonell & Goldstein 1998) against
saying one thing twice.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import regex

from sensemake.model import DocumentId, Kind, Passage
from sensemake.rules import analysis
from sensemake.rules.stopwords import STOPWORDS

LONGEST = 3
"""Words in a phrase."""
NOVELTY = 0.6
"""What being new weighs against being telling, when the next phrase is chosen."""

NAMES = 3
"""Documents that must say a phrase word for word before it can stand for a group."""
AWAY = 2.0
"""So much more often than elsewhere it must be said there."""
NARROW = 0.2
"""What a phrase that hardly any document of the group says is worth, beside the share that does."""
WORTH = 0.8
"""Of less worth (0 to 3), a phrase is too narrow to stand for the group by itself."""
CHOSEN = 1.25
"""What being one of the group's keyphrases adds to a phrase's worth."""

Phrase = tuple[str, ...]
"""A phrase as its words' stems: "flaky tests" and "flaky test" are one."""


def keyphrases(
    groups: Sequence[Sequence[Passage]],
    *,
    rest: Sequence[Passage] = (),
    exclude: Collection[str] = (),
    limit: int = 8,
) -> list[tuple[str, ...]]:
    """For each group its phrases, most telling first, as people mostly write them.

    `rest` are passages of no group: what is common there too sets nobody apart. A word of `exclude` (names, handles)
    is in no phrase.
    """
    return [told.phrases for told in described(groups, rest=rest, exclude=exclude, limit=limit)]


@dataclass(frozen=True, slots=True)
class Described:
    """A group's `phrases`, and what to name it by, the best first.

    `names` are phrases of two words or more that can stand for the group by themselves, the first of them first in no
    other group; there may be none.
    """

    phrases: tuple[str, ...]
    names: tuple[str, ...]


def described(
    groups: Sequence[Sequence[Passage]],
    *,
    rest: Sequence[Passage] = (),
    exclude: Collection[str] = (),
    limit: int = 8,
) -> list[Described]:
    """As `keyphrases`, with what to name each group by."""
    unwanted = frozenset(fold(word) for text in exclude for word in _WORD.findall(text))
    counted = [_count(passages, unwanted) for passages in (*groups, rest)]
    everywhere = _Everywhere.over(counted)
    counted = counted[: len(groups)]
    scores = [_scores(counts, everywhere) for counts in counted]
    phrases = [_chosen(own, limit) for own in scores]
    each = zip(counted, scores, phrases, strict=True)
    worth = [_names(counts, everywhere, own, chosen) for counts, own, chosen in each]
    return [
        Described(tuple(map(counts.form, own)), tuple(map(counts.form, _from(first, named)[:limit])))
        for counts, own, named, first in zip(counted, phrases, worth, _apart(worth), strict=True)
    ]


def fold(word: str) -> str:
    return word.casefold()


@dataclass(slots=True)
class _Counts:
    """What one group says: each phrase by document and by the forms it is written in."""

    documents: set[DocumentId] = field(default_factory=set)
    by_document: dict[Phrase, Counter[DocumentId]] = field(default_factory=lambda: defaultdict(Counter))
    forms: dict[Phrase, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def weight(self, phrase: Phrase) -> float:
        """How often it is said; again in the same document counts less and less, so that no long page decides."""
        return math.fsum(1.0 + math.log(count) for count in self.by_document[phrase].values())

    def form(self, phrase: Phrase) -> str:
        return max(self.forms[phrase].items(), key=lambda item: (item[1], item[0].islower(), item[0]))[0]


@dataclass(frozen=True, slots=True)
class _Everywhere:
    """What all groups together say."""

    weights: dict[Phrase, float]
    documents: dict[Phrase, int]
    total: int
    average: float

    @classmethod
    def over(cls, counted: Sequence[_Counts]) -> _Everywhere:
        weights: dict[Phrase, float] = defaultdict(float)
        holders: dict[Phrase, set[DocumentId]] = defaultdict(set)
        for counts in counted:
            for phrase, documents in counts.by_document.items():
                weights[phrase] += counts.weight(phrase)
                holders[phrase].update(documents)
        total = len(set().union(*(counts.documents for counts in counted)))
        average = math.fsum(weights.values()) / max(1, len(counted))
        return cls(weights, {phrase: len(held) for phrase, held in holders.items()}, total, average)


def _from(first: Phrase | None, worth: Mapping[Phrase, float]) -> list[Phrase]:
    """That phrase and those worth less, the best first."""
    ordered = sorted(worth, key=lambda p: (-worth[p], p))
    return ordered[ordered.index(first) :] if first else []


def _apart(worth: Sequence[Mapping[Phrase, float]]) -> list[Phrase | None]:
    """For each group its best phrase that no other group would have for more (Gale & Shapley 1962)."""
    wishes = [sorted(own, key=lambda p: (-own[p], p), reverse=True) for own in worth]
    holder: dict[Phrase, int] = {}
    asking = list(range(len(worth)))[::-1]
    while asking:
        group = asking.pop()
        while wishes[group]:
            phrase = wishes[group].pop()
            other = holder.get(phrase)
            if other is None or worth[group][phrase] > worth[other][phrase]:
                holder[phrase] = group
                asking.extend([] if other is None else [other])
                break
    mine = {group: phrase for phrase, group in holder.items()}
    return [mine.get(group) for group in range(len(worth))]


def _names(
    counts: _Counts, everywhere: _Everywhere, scores: Mapping[Phrase, float], chosen: Collection[Phrase]
) -> dict[Phrase, float]:
    """What phrases are worth that enough documents say word for word, and more often than others do.

    A phrase is worth its own score and that of its words alone (of schedulers "pod scheduling" says more than "higher
    priority"), times how much more of the group says it than of other documents.
    """
    worth: dict[Phrase, float] = {}
    said = [p for p in scores if len(p) > 1 and len(counts.by_document[p]) >= NAMES]
    alone = {w: _score(counts, everywhere, (w,)) for p in scores for w in p}
    best, strongest = max((scores[p] for p in said), default=0.0), max(alone.values(), default=0.0)
    for phrase in said:
        here = len(counts.by_document[phrase]) / len(counts.documents)
        others = everywhere.documents[phrase] - len(counts.by_document[phrase])
        usual = others / max(1, everywhere.total - len(counts.documents))
        if here >= AWAY * usual:
            words = math.fsum(alone[word] for word in phrase) / len(phrase)
            share = (scores[phrase] / best + words / strongest) * (NARROW + here - usual)
            worth[phrase] = round(share * (CHOSEN if phrase in chosen else 1.0), 9)
    return {phrase: number for phrase, number in worth.items() if number >= WORTH}


def _score(counts: _Counts, everywhere: _Everywhere, phrase: Phrase) -> float:
    """Class-based TF-IDF, but for what a group says in all, which is the same for all its phrases."""
    return counts.weight(phrase) * math.log(1.0 + everywhere.average / everywhere.weights[phrase])


def _chosen(scores: Mapping[Phrase, float], limit: int) -> tuple[Phrase, ...]:
    pool = sorted(scores, key=lambda phrase: (-scores[phrase], phrase))[: 8 * limit]
    best = scores[pool[0]] if pool else 1.0
    chosen: list[Phrase] = []
    while pool and len(chosen) < limit:
        # Rounded, so that the order in which numbers were added up decides nothing.
        worth = {p: round((1 - NOVELTY) * scores[p] / best - NOVELTY * _sameness(p, chosen), 9) for p in pool}
        phrase = max(pool, key=lambda p: (worth[p], p))
        pool.remove(phrase)
        if _sameness(phrase, chosen) < 1.0:
            chosen.append(phrase)
    return tuple(chosen)


def _scores(counts: _Counts, everywhere: _Everywhere) -> dict[Phrase, float]:
    """Class-based TF-IDF of the phrases that several documents share; a phrase of more words says more."""
    weights = {phrase: counts.weight(phrase) for phrase in _shared(counts, everywhere)}
    said = math.fsum(counts.weight(phrase) for phrase in counts.by_document)
    nested = _nested(weights)
    return {
        phrase: ((weight - nested.get(phrase, 0.0)) / said)
        * math.log(1.0 + everywhere.average / everywhere.weights[phrase])
        * (1.0 + 0.5 * (len(phrase) - 1))
        for phrase, weight in weights.items()
    }


def _nested(weights: Mapping[Phrase, float]) -> dict[Phrase, float]:
    """How often a phrase is said inside the longer one that it is mostly in (the C-value of Frantzi et al. 2000)."""
    nested: dict[Phrase, float] = {}
    for phrase, weight in weights.items():
        for inner in {phrase[i:j] for i in range(len(phrase)) for j in range(i + 1, len(phrase) + 1)} - {phrase}:
            nested[inner] = max(nested.get(inner, 0.0), weight)
    return nested


def _shared(counts: _Counts, everywhere: _Everywhere) -> list[Phrase]:
    """Phrases in at least two documents and a tenth of the group's, and not in most of all documents."""
    least = max(2, math.ceil(0.1 * len(counts.documents)))
    most = 0.5 * everywhere.total if everywhere.total >= 10 else everywhere.total
    usual = [p for p in counts.by_document if everywhere.documents[p] <= most] or list(counts.by_document)
    while least > 1:
        if shared := [p for p in usual if len(counts.by_document[p]) >= least]:
            return shared
        least -= 1
    return usual


def _sameness(phrase: Phrase, others: Iterable[Phrase]) -> float:
    """The greatest share of the shorter phrase's words that is in the other too."""
    words = set(phrase)
    return max((len(words & set(other)) / min(len(words), len(set(other))) for other in others), default=0.0)


# ── phrases of a text ────────────────────────────────────────────────────────────────────────────

# Letters first; digits, hyphens and apostrophes may follow: "IPv6", "on-call", "l'eau" is two.
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}]*(?:-[\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*")
# What is not prose: links, addresses, code between backticks, HTML tags and entities, file names.
_NOISE = regex.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|```.*?```|`[^`\n]*`|<[^<>\n]{1,200}>|&\w+;|\S*[/\\]\S*(?:\.\w{1,5}\b|[/\\]\S*)",
    regex.S,
)
# What all of it has something of: most short texts have none.
_NOISY = regex.compile(r"[/\\@`<&]|www\.")
# "isn't", and the tail of "team's".
_CONTRACTED = regex.compile(r"\b\p{L}+n['’]t\b|['’](?:s|re|ve|ll|d|m)\b")
_SENTENCE_ENDS = frozenset(".!?:;\n|#*>")
SHORTEST = 4
"""Letters of a word that may tell something in a language without a list of small words: most of those are short."""
_ALPHABETS = "\u0530"
"""Latin, Greek and Cyrillic letters come before; other scripts say more with fewer."""
QUIET = 0.1
"""What a capital at the start of a sentence or in a title says about how a word is written."""


def _count(passages: Sequence[Passage], unwanted: frozenset[str]) -> _Counts:
    counts = _Counts()
    titled: set[DocumentId] = set()
    for passage in passages:
        language = language_of(passage)
        counts.documents.add(passage.document)
        title = "" if passage.document in titled or passage.kind is Kind.CONVERSATION else passage.title
        titled.add(passage.document)
        for text, is_title in ((passage.text, False), *(((title, True),) if title else ())):
            for phrase, form, weight in _phrases(text, language, unwanted, is_title=is_title):
                counts.by_document[phrase][passage.document] += 1
                counts.forms[phrase][form] = counts.forms[phrase].get(form, 0.0) + weight
    return counts


def _phrases(
    text: str, language: str, unwanted: frozenset[str], *, is_title: bool
) -> Iterator[tuple[Phrase, str, float]]:
    for run, opens in _runs(text, language, unwanted):
        stems = [_stem(word, language) for word in run]
        for start in range(len(run)):
            quiet = is_title or (opens and start == 0)
            for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                yield tuple(stems[start:end]), " ".join(run[start:end]), QUIET if quiet else 1.0


def _runs(text: str, language: str, unwanted: frozenset[str]) -> Iterator[tuple[list[str], bool]]:
    """Words in a row with nothing but a space between them and no stop word among them; whether a sentence opens so."""
    stop = _IDLE.get(language, frozenset())
    shortest = 2 if stop or not language else SHORTEST
    run: list[str] = []
    opens, position = True, 0
    text = _NOISE.sub(" . ", text) if _NOISY.search(text) else text
    text = _CONTRACTED.sub(" , ", text) if "'" in text or "’" in text else text
    for match in _WORD.finditer(text):
        word, gap = match.group(), text[position : match.start()]
        position = match.end()
        idle = (
            fold(word) in stop
            or fold(word) in unwanted
            or len(word) < (shortest if word < _ALPHABETS else 2)
            or _is_unit(word, gap)
        )
        if run and (idle or gap not in (" ", "\n")):
            yield run, opens
            run = []
        if not run:
            opens = position == len(word) or not _SENTENCE_ENDS.isdisjoint(gap)
        if not idle:
            run.append(word)
    if run:
        yield run, opens


_PALE = {
    "en": """
        able actually already always another anything around bit come day days different even every everything far first
        get gets getting give given go goes going good got gt instead keep know last let like lot lt made make makes
        making many may maybe might much must need needed needs never new next nothing one ones onto per put quite
        really said say says see seem seems several since something still sure take takes taken tell thing things think
        though three time times today together too try trying two use used useful uses using usually via want wanted
        wants way ways week weeks well went whether within without work working works year years yes yet
        anybody basically everybody everyone gonna guess guys hello hey hi hmm ok okay please somebody sorry stuff thank
        thanks uh um wanna yeah yep""",
    "de": """
        beim bereits bitte dabei dafür damals darauf davon dazu diesmal drei erst etwa gerade immer jetzt lassen macht
        ja nein genau okay ok danke hallo
        mal mehr neue neuen neuer schon seit sonst statt tag tage ungefähr viel viele woche wochen zwei""",
    "fr": """
        ainsi alors aussi autre autres avant bien cas chaque depuis deux encore faire fait faut jamais jour jours lors
        nouveau nouvelle oui non merci bonjour ok voilà
        peu peut puis semaine toujours très""",
    "nl": """
        alleen beter daarna dag dagen eens eerst gaan gaat geven goed heel komen komt maakt maken mee nieuwe soms steeds
        twee vaak verder week weken weer weten zonder
        ja nee oké ok dank bedankt hallo""",
}
"""Words that may tell something in a question, and nothing as the name of a theme."""

_IDLE = {code: words | frozenset(_PALE.get(code, "").split()) for code, words in STOPWORDS.items()}


def _is_unit(word: str, before: str) -> bool:
    """Whether it is what a number counts, as in "−0.4 mV" or "14kg"."""
    return len(word) <= 3 and before.rstrip()[-1:].isdigit()


@lru_cache(maxsize=1 << 16)
def _stem(word: str, language: str) -> str:
    pieces = analysis.tokens(word, language)
    return pieces[0].term if pieces else fold(word)


def language_of(passage: Passage) -> str:
    """The passage's, or else the one whose stop words it uses most."""
    return passage.language.partition("-")[0].lower() if passage.language else _spoken(passage.text)


@lru_cache(maxsize=1 << 14)
def _spoken(text: str) -> str:
    words = [fold(word) for word in _WORD.findall(text)]
    hits = {code: sum(word in stop for word in words) for code, stop in STOPWORDS.items()}
    return max(hits, key=lambda code: (hits[code], code == "en"))
