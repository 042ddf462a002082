"""What was measured stays true: the demo organisation's judged questions against eval/floors.toml."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from sensemake.evaluation.retrieval import Measured

EVAL = Path(__file__).parents[2] / "eval"
FLOORS = tomllib.loads((EVAL / "floors.toml").read_text(encoding="utf-8"))["retrieval"]["demo"]
CASES = [(leg, measure) for leg, floors in FLOORS.items() for measure in floors if measure != "gain"]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    sys.path.insert(0, str(EVAL))
    try:
        import demo
    finally:
        sys.path.remove(str(EVAL))
    with demo.organisation(tmp_path_factory.mktemp("demo")) as workspace:
        return demo.retrieval(workspace)


@pytest.mark.parametrize(("leg", "measure"), CASES)
def test_a_floor_of_retrieval_holds(found: Measured, leg: str, measure: str) -> None:
    assert found.mean(leg, measure) >= FLOORS[leg][measure]


def test_every_judged_document_is_there(found: Measured) -> None:
    assert found.mean("hybrid", "Recall@100") > 0.9, "judgements that name nothing would pass every other floor"


def test_both_legs_together_find_more_than_either(found: Measured) -> None:
    assert found.gain()[1].gain >= FLOORS["hybrid"]["gain"]
