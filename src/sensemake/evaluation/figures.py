"""What was measured, as JSON: the contract of `sensemake eval`, and what is kept of a run to compare another with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sensemake.errors import UsageError
from sensemake.evaluation import measures
from sensemake.evaluation.measures import MEASURES, Compared
from sensemake.evaluation.retrieval import LEGS, Measured

DIGITS = 4


def summary(found: Measured, earlier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Means by leg, their intervals, what the hybrid gains over the better leg, and over an `earlier` run."""
    leg, gain = found.gain()
    told: dict[str, Any] = {
        **{name: {measure: round(found.mean(name, measure), DIGITS) for measure in MEASURES} for name in LEGS},
        "intervals": {
            name: {measure: _rounded(measures.interval(found.legs[name][measure])) for measure in MEASURES}
            for name in LEGS
        },
        "questions": len(found.questions),
        "gain": {"measure": "nDCG@10", "of": "hybrid", "over": leg, **_compared(gain)},
    }
    if earlier is not None:
        told["against"] = _against(found, earlier)
    return told


def kept(found: Measured) -> dict[str, Any]:
    """Every question's figures."""
    legs = {leg: {measure: values.tolist() for measure, values in of.items()} for leg, of in found.legs.items()}
    return {"questions": list(found.questions), "legs": legs}


def _against(found: Measured, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The paired comparison, over the questions that both runs asked."""
    try:
        before = {question: place for place, question in enumerate(earlier["questions"])}
        shared = [place for place, question in enumerate(found.questions) if question in before]
        rows = [before[found.questions[place]] for place in shared]
        pairs = {
            leg: (found.legs[leg]["nDCG@10"][shared], np.array(earlier["legs"][leg]["nDCG@10"], float)[rows])
            for leg in LEGS
        }
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError("the file to compare with is not one that --save wrote") from error
    if not shared:
        raise UsageError("the run to compare with asked none of these questions")
    compared = {leg: _compared(measures.compare(*pair)) for leg, pair in pairs.items()}
    return {"measure": "nDCG@10", "questions": len(shared), **compared}


def _compared(found: Compared) -> dict[str, Any]:
    return {"gain": round(found.gain, DIGITS), "interval": _rounded(found.interval), "p": round(found.p, DIGITS)}


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(bound, DIGITS) for bound in interval]
