"""Reranking behind its seam: a tiny cross-encoder made here, and a home that is asked with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensemake import registry
from sensemake.config import Settings
from sensemake.embedders import _export
from sensemake.errors import ModelError
from sensemake.model import Query
from sensemake.workspace import Workspace

pytestmark = pytest.mark.model
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tide", "boat", "probe", "the", "a", "is"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of a few random weights, with safetensors and a word list, as a hub would give it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(5)
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(WORDS), num_labels=1, max_position_embeddings=64, **shape)
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_it_gives_one_score_a_text_the_same_every_time(tiny: Path) -> None:
    reranker = registry.reranker("cross-encoder")(tiny)
    scores = reranker.scores("the tide", ["a boat", "the probe is a probe", "\ud800"])
    assert scores.shape == (3,)
    assert np.array_equal(
        scores,
        registry.reranker("cross-encoder")(tiny).scores("the tide", ["a boat", "the probe is a probe", "\ud800"]),
    )
    assert reranker.scores("the tide", []).shape == (0,)


def test_a_model_that_is_not_there_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cross-encoder"):
        registry.reranker("cross-encoder")(tmp_path).scores("tide", ["boat"])


def test_a_home_answers_in_the_order_of_the_reranker(tiny: Path, tmp_path: Path) -> None:
    """With a model by its folder as well: any may be named, and nothing is concluded from its cosines."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for number, words in enumerate(("the tide is a tide", "a boat is the boat", "the probe", "a tide probe boat")):
        (pages / f"{number}.txt").write_text(words, encoding="utf-8")
    named = {"home": tmp_path / "home", "model": str(_export.bundled())}
    with Workspace.open(Settings(**named), create=True) as plain:  # type: ignore[arg-type]
        plain.ingest([pages], "pages", plain.owner())
        before = {hit.passage.text for hit in plain.search(Query("the tide"), plain.owner()).hits}
    with Workspace.open(Settings(**named, reranker=str(tiny))) as reranked:  # type: ignore[arg-type]
        hits = reranked.search(Query("the tide"), reranked.owner()).hits
    scores = registry.reranker("cross-encoder")(tiny).scores("the tide", [hit.passage.embedded for hit in hits])
    assert {hit.passage.text for hit in hits} == before
    assert list(scores) == sorted(scores, reverse=True)
