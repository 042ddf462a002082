"""Reads a question and a passage together with any sentence-transformers cross-encoder, by name or folder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.errors import MissingExtra, ModelError


class CrossEncoderReranker:
    """Loaded at first use. Only weights in safetensors are read, and no code that comes with a model is ever run."""

    def __init__(self, name_or_folder: str | Path) -> None:
        self.name = str(name_or_folder)
        self._one_at_a_time = threading.RLock()

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """How well each text answers, shape (len(texts),): only their order says something."""
        if not texts:
            return np.empty(0)
        pairs = [(_readable(question), _readable(text)) for text in texts]
        with self._one_at_a_time:  # its tokenizer cannot be shared by threads
            scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float64)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise ModelError(f"{self.name} does not give one score a passage: name a cross-encoder made for ranking")
        return scores

    @cached_property
    def _model(self) -> Any:
        with self._one_at_a_time:
            return _load(self.name)


def _load(name: str) -> Any:
    try:
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtra("reranking needs sentence-transformers: pip install sentence-transformers") from error
    logging.disable_progress_bar()
    try:
        return CrossEncoder(
            name,
            device="cpu",
            trust_remote_code=False,
            local_files_only=Path(name).is_dir(),
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise ModelError(
            f"cannot load the cross-encoder {name} ({said}). It must be a folder, or a name on a model hub that is "
            f"within reach or was fetched before (`hf download {name}`); with weights in safetensors and no code"
        ) from error


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
