"""Two sentences on one matter that may say different things of it: a proposal for people to talk about.

A pair shares telling words and carries a sign of difference: a negation stands near a shared word on one side only,
they hold words of opposite stance, or one opens by objecting. These are the cheap cues of contradiction detection (de
Marneffe, Rafferty and Manning, "Finding Contradictions in Text", ACL 2008); they find candidates, they understand
nothing. The signs' weights are set by hand; what is asked of a pair (`Bar`) was set by reading the demo organisation's
(docs/decisions/0019-the-report.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from sensemake.model import Vector
from sensemake.rules import analysis
from sensemake.rules.stopwords import STOPWORDS

REACH = 4
"""Words before and after a negation that it may be about."""
WEIGHTS = {"opposite": 1.0, "negation": 0.7, "objection": 0.5}
MOST = 300
"""Voices that are compared, the first ones: every pair is looked at."""

_NEGATORS = {
    "en": "not no never nothing nobody none cannot neither nor hardly",
    "nl": "niet geen nooit niets niemand noch nauwelijks",
    "de": "nicht kein keine keinen keinem keiner nie niemals nichts niemand weder kaum",
    "fr": "ne pas jamais rien personne aucun aucune ni",
    "sv": "inte ej aldrig inget ingen inga ingenting varken knappast",
    "zh": "不 沒 没 無 无 未 非 別 别",
}
_OBJECTIONS = {
    "en": "but however although though disagree instead rather contrary yet unlike",
    "nl": "maar echter hoewel oneens integendeel liever toch anders",
    "de": "aber jedoch obwohl widerspreche dagegen sondern stattdessen trotzdem lieber",
    "fr": "mais cependant pourtant toutefois contraire plutôt désaccord malgré",
    "sv": "men dock fast däremot tvärtom istället hellre ändå",
    "zh": "但 卻 却 不過 不过 然而 可是 反而",
}
_OPPOSITES = {
    "en": "more/less more/fewer faster/slower better/worse good/bad always/never easy/hard easy/difficult "
    "cheap/expensive "
    "cheaper/dearer safe/dangerous safe/unsafe support/oppose agree/disagree allow/forbid allow/ban increase/reduce "
    "increase/decrease raise/lower keep/remove keep/drop start/stop open/close help/harm helps/hurts works/fails "
    "worked/failed success/failure should/shouldn everybody/nobody everyone/nobody all/none simple/complicated "
    "useful/useless necessary/unnecessary fair/unfair early/late strict/loose central/local together/alone "
    "before/after enough/lacking benefit/cost like/dislike trust/distrust win/lose gain/loss for/against",
    "nl": "meer/minder sneller/langzamer beter/slechter goed/slecht altijd/nooit makkelijk/moeilijk goedkoop/duur "
    "veilig/gevaarlijk eens/oneens voor/tegen verhogen/verlagen houden/weghalen beginnen/stoppen "
    "open/dicht iedereen/niemand "
    "samen/alleen vroeg/laat nuttig/nutteloos lukte/mislukte werkt/faalt",
    "de": "mehr/weniger schneller/langsamer besser/schlechter gut/schlecht immer/nie leicht/schwer billig/teuer "
    "sicher/gefährlich dafür/dagegen erhöhen/senken behalten/entfernen anfangen/aufhören "
    "offen/geschlossen alle/niemand "
    "gemeinsam/allein früh/spät nützlich/nutzlos erlauben/verbieten",
    "fr": "plus/moins mieux/pire bon/mauvais toujours/jamais facile/difficile cher/abordable pour/contre "
    "augmenter/réduire "
    "garder/supprimer commencer/arrêter ouvert/fermé ensemble/seul tôt/tard utile/inutile autoriser/interdire",
    "sv": "mer/mindre snabbare/långsammare bättre/sämre bra/dålig alltid/aldrig lätt/svår billig/dyr säker/farlig "
    "för/emot höja/sänka behålla/ta börja/sluta öppen/stängd alla/ingen tillsammans/ensam tidigt/sent nyttig/onödig",
    "zh": "支持/反對 支持/反对 同意/反對 同意/反对 贊成/反對 赞成/反对 合法/違法 合法/违法 合法/非法 增加/減少 "
    "增加/减少 安全/危險 安全/危险 應該/不該 应该/不该 必要/不必 開放/禁止 开放/禁止 公平/不公 好/壞 好/坏 多/少",
}
_NEGATING = {code: frozenset(words.split()) for code, words in _NEGATORS.items()}
_OBJECTING = {code: frozenset(words.split()) for code, words in _OBJECTIONS.items()}
_OPPOSED = {code: frozenset(frozenset(pair.split("/")) for pair in pairs.split()) for code, pairs in _OPPOSITES.items()}


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of a pair: how many telling words both hold, how alike these make them, a weight."""

    shared: int = 3
    alike: float = 0.3
    weight: float = 0.15


LOW = Bar(1, 0.0, 0.0)
"""Whatever carries a sign of difference: to weigh by, not to tell."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A sentence, whose it is (nobody: unknown), in which document; `vector` is a unit vector of it or its passage."""

    key: str
    text: str
    language: str | None
    people: frozenset[str]
    document: str
    vector: Vector | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two voices, the earlier given first, what sets them apart, and how much."""

    one: Voice
    other: Voice
    signs: tuple[str, ...]
    weight: float


def pairs(voices: Sequence[Voice], bar: Bar = Bar()) -> list[Pair]:
    """All pairs that carry a sign of difference, the heaviest first; ties as the voices were given."""
    heard = [_Heard.of(voice) for voice in voices[:MOST]]
    telling = _telling([each.terms for each in heard])
    found = [pair for one, other in combinations(heard, 2) if (pair := _pair(one, other, telling, bar))]
    return sorted(found, key=lambda pair: -pair.weight)


@dataclass(frozen=True, slots=True)
class _Heard:
    voice: Voice
    code: str
    words: frozenset[str]
    terms: frozenset[str]
    denied: frozenset[str]
    first: frozenset[str]

    @classmethod
    def of(cls, voice: Voice) -> _Heard:
        code = (voice.language or "en")[:2].lower()
        words = analysis.plain(voice.text)
        # Han is read letter by letter: two in a row may be a word.
        doubles = [one + other for one, other in pairwise(words)] if code == "zh" else []
        negating = _NEGATING.get(code, frozenset())
        function = STOPWORDS.get(code, frozenset()) | negating | _OBJECTING.get(code, frozenset())
        content = [word if word not in function and (code == "zh" or len(word) > 2) else "" for word in words]
        # English glues it on: `don't` is read as `don`, `t`.
        denials = [n for n, word in enumerate(words) if word in negating or (code == "en" and word == "t")]
        near = [content[max(0, n - REACH) : n + REACH + 1] for n in denials]
        denied = _terms([word for some in near for word in some], code)
        return cls(
            voice,
            code,
            frozenset([*words, *doubles]),
            _terms(content, code),
            denied,
            frozenset([*words[:3], *doubles[:2]]),
        )


def _terms(words: Sequence[str], code: str) -> frozenset[str]:
    glue = "" if code == "zh" else " "
    return frozenset(analysis.terms(glue.join(filter(None, words)), code)) if any(words) else frozenset()


def _pair(one: _Heard, other: _Heard, telling: Counter[str], bar: Bar) -> Pair | None:
    if one.code != other.code or not _two_sources(one.voice, other.voice):
        return None
    shared = one.terms & other.terms
    if len(shared) < bar.shared:
        return None
    # The cosine of the two as sets of weighted terms: a short sentence is not alike to all long ones.
    alike = _weight(shared, telling) / math.sqrt(_weight(one.terms, telling) * _weight(other.terms, telling))
    signs = _signs(one, other)
    if alike < bar.alike or not signs:
        return None
    near = _cosine(one.voice.vector, other.voice.vector)
    weight = round(alike * near * sum(WEIGHTS[sign] for sign in signs), 6)
    return Pair(one.voice, other.voice, signs, weight) if weight >= bar.weight else None


def _two_sources(one: Voice, other: Voice) -> bool:
    return one.document != other.document and one.people.isdisjoint(other.people) and one.text != other.text


def _signs(one: _Heard, other: _Heard) -> tuple[str, ...]:
    found = []
    own, others = one.words - other.words, other.words - one.words
    for pair in _OPPOSED.get(one.code, ()):
        if (pair & own and pair & others) and len(pair & own) == len(pair & others) == 1:
            found.append("opposite")
            break
    if bool(one.denied & other.terms) != bool(other.denied & one.terms):
        found.append("negation")
    objecting = _OBJECTING.get(one.code, frozenset())
    if bool(one.first & objecting) != bool(other.first & objecting):
        found.append("objection")
    return tuple(found)


def _telling(sets: Sequence[frozenset[str]]) -> Counter[str]:
    """In how many voices each term is; "" holds how many voices there are."""
    counts = Counter(term for terms in sets for term in terms)
    counts[""] = len(sets)
    return counts


def _weight(terms: frozenset[str], telling: Counter[str]) -> float:
    """A rare word tells more of the matter than one that all of the theme holds."""
    return sum(math.log(1.0 + telling[""] / telling[term]) for term in sorted(terms))


def _cosine(one: Vector | None, other: Vector | None) -> float:
    return 1.0 if one is None or other is None else max(0.0, float(one @ other))
