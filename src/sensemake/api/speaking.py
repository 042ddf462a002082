"""What our pages say, in the language that a browser asks for and we speak."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One language. Calling it gives a sentence with its places filled: `say("serverSaid", status=503)`."""

    code: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return self.words[key].format_map(values)


def speaker(accepted: str) -> Speaker:
    """Of the languages in an Accept-Language header the most wanted that we speak, by RFC 9110 §12.5.4; else English.

    A region counts as its language (`de-AT` is spoken to in German). What is malformed is passed over.
    """
    wanted = sorted(_ranges(accepted), key=lambda pair: -pair[1])
    return _speakers()[next((code for code, weight in wanted if weight > 0 and code in _speakers()), FALLBACK)]


def _ranges(accepted: str) -> list[tuple[str, float]]:
    found = []
    for each in accepted[:1_000].split(","):
        tag, _, weight = each.partition(";")
        try:
            found.append((tag.strip().lower().split("-")[0], float(weight.strip().removeprefix("q=") or 1)))
        except ValueError:
            continue
    return found


@cache
def dictionaries() -> Mapping[str, Mapping[str, str]]:
    """Language → key → sentence, as the page's script gets them too."""
    text = files("sensemake").joinpath("widget", "page", "words.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def _speakers() -> Mapping[str, Speaker]:
    return {code: Speaker(code, words) for code, words in dictionaries().items()}
