"""Embeds texts with any sentence-transformers model, by name or folder; torch is imported here and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sensemake.errors import MissingExtra, ModelError
from sensemake.model import Vector, Vectors, stable_id

IDENTIFYING = ("*.safetensors", "*.json", "*.txt", "*.model")
"""The files that decide what vectors a model gives: weights, settings of its modules, vocabulary."""


class SentenceTransformersEmbedder:
    """Loaded at first use, normalised, with the model's own prompts for questions and passages or those given.

    Only weights in safetensors are read, and no code that comes with a model is ever run.
    """

    def __init__(
        self, name_or_folder: str | Path, *, query_prompt: str | None = None, passage_prompt: str | None = None
    ) -> None:
        self.name = str(name_or_folder)
        self._query_prompt, self._passage_prompt = query_prompt, passage_prompt
        self._one_at_a_time = threading.RLock()

    @cached_property
    def model_id(self) -> str:
        """The name and the revision, or a hash of the files; the passages' prompt too when it was given.

        The prompt of questions is not in it: no stored vector depends on it.
        """
        prompt = "" if self._passage_prompt is None else f":{stable_id('prompt', self._passage_prompt)[:8]}"
        if Path(self.name).is_dir():
            return f"{Path(self.name).resolve().name}@{_fingerprint(Path(self.name))}{prompt}"
        folder = _downloaded(self.name) or (self._model and _downloaded(self.name))
        if folder is None:
            raise ModelError(f"{self.name} was loaded, but is not in the cache of models: name its folder instead")
        return f"{self.name}@{folder.name[:12]}{prompt}"

    @property
    def dim(self) -> int:
        return int(self._model.get_embedding_dimension())

    def passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        return self._encode(self._model.encode_document, texts, self._passage_prompt)

    def query(self, text: str) -> Vector:
        vector: Vector = self._encode(self._model.encode_query, [text], self._query_prompt)[0]
        return vector

    def _encode(self, encode: Any, texts: Sequence[str], prompt: str | None) -> Vectors:
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        with self._one_at_a_time:  # its tokenizer cannot be shared by threads
            vectors = encode(readable, prompt=prompt, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    @cached_property
    def _model(self) -> Any:
        with self._one_at_a_time:
            folder = Path(self.name) if Path(self.name).is_dir() else _downloaded(self.name)
            return _load(self.name, folder)


def _load(name: str, folder: Path | None) -> Any:
    """From the folder without a look at the hub; when there is none, the hub is asked (unless HF_HUB_OFFLINE)."""
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtra("other models need sentence-transformers: pip install sentence-transformers") from error
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            str(folder or name),
            device="cpu",
            trust_remote_code=False,
            local_files_only=folder is not None,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ModelError(
            f"cannot load the model {name} ({_first_line(error)}). It must be a folder, or a name on a model hub that "
            f"is within reach or was fetched before (`hf download {name}`); with weights in safetensors and no code"
        ) from error


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]


def _downloaded(name: str) -> Path | None:
    """The folder of the model's current revision in the cache of models, named by that revision."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    full = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(full, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _fingerprint(folder: Path) -> str:
    files = {file for pattern in IDENTIFYING for file in (*folder.glob(pattern), *folder.glob(f"*_*/{pattern}"))}
    digest = sha256()
    for file in sorted(files):
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        digest.update(f"\0{file.relative_to(folder)}\0".encode())
    return digest.hexdigest()[:12]
