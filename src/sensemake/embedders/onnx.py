"""Embeds texts with the bundled all-MiniLM-L6-v2 on ONNX Runtime: the default; torch is never imported."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from sensemake.embedders import _export
from sensemake.errors import ModelError, UsageError
from sensemake.model import Vector, Vectors

MOST_PIECES = 256
"""Word pieces of a text that the model was made to read; the rest is not seen."""

MOST_CHARACTERS = 32_768
"""Far more than any 256 word pieces; it keeps a text of many megabytes from being cut into pieces whole."""

PRECISIONS = ("int8", "fp32")

SILENCE = "ORT_DISABLE_TELEMETRY"
"""Read by ONNX Runtime when it is first imported: without it, releases from 1.32 on write an identifier of the machine
into the user's cache and send events to their maker (its Privacy.md). There is no call that comes early enough."""


class OnnxEmbedder:
    """One text at a time on each thread, so the same text gives the same vector in whatever company.

    A batch shares the scales of its int8 states, and its padding; and it is no faster (docs/decisions/0002).
    Making the object costs nothing: the model is loaded, or made in `cache`, when the first text comes.
    """

    dim = 384

    def __init__(
        self,
        cache: Path,
        *,
        precision: str = "int8",
        threads: int | None = None,
        announce: Callable[[str], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        """`folder` holds the model's weights and tokenizer; by default those of the installed package."""
        if precision not in PRECISIONS:
            raise UsageError(f"the precision is {' or '.join(PRECISIONS)}, not {precision!r}")
        self.model_id = f"{_export.NAME}@{_export.SHA256[:8]}:{precision}:{MOST_PIECES}:{_export.VERSION}"
        self._cache, self._precision, self._folder = cache, precision, folder
        self._threads = threads or len(os.sched_getaffinity(0))
        self._announce = announce or (lambda _: None)
        self._loading = threading.Lock()
        self._loaded: _Model | None = None

    def passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dim), np.float32)
        # The longest first, so that no thread begins a long one when the others are done.
        rows = sorted(range(len(texts)), key=lambda row: -len(texts[row]))

        def embed(row: int) -> None:
            vectors[row] = self.query(texts[row])

        if len(rows) < 2 or self._threads < 2:
            for row in rows:
                embed(row)
            return vectors
        with ThreadPoolExecutor(self._threads, thread_name_prefix="embed") as pool:
            for _ in pool.map(embed, rows):
                pass
        return vectors

    def query(self, text: str) -> Vector:
        return self._model().vector(text)

    def _model(self) -> _Model:
        with self._loading:
            if self._loaded is None:
                folder = self._folder or _export.bundled()
                content = _export.onnx_model(self._cache, self._precision, folder, self._announce)
                self._loaded = _Model(content, _export.original(folder, "tokenizer.json"))
            return self._loaded


class _Model:
    """A session of ONNX Runtime and the tokenizer; both may be used by many threads at once."""

    def __init__(self, content: bytes, tokenizer: bytes) -> None:
        self._session = _session(content)
        self._tokenizer = _tokenizer(tokenizer)

    def vector(self, text: str) -> Vector:
        # Half of a surrogate pair is no character: it is read as "?".
        readable = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        pieces = np.array([self._tokenizer.encode(readable).ids], np.int64)
        vector: Vector = self._session.run(None, {"pieces": pieces})[0][0]
        return vector


def _session(content: bytes) -> Any:
    os.environ[SILENCE] = "1"
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its C++ part without a common base
        raise ModelError(f"ONNX Runtime cannot load the language model ({error}): empty the model cache") from error


def _tokenizer(content: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(content)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_PIECES)
    return tokenizer
