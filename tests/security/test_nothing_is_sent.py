"""The language model runs here and tells nobody: no library that it stands on writes an identifier or sends events."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from platformdirs import user_cache_path

EMBED = """
import sys
from pathlib import Path
from sensemake.embedders.onnx import OnnxEmbedder
assert OnnxEmbedder(Path(sys.argv[1]) / "models").query("tide tables").shape == (384,)
"""
RESTRAINED = ("CI", "ORT_", "GITHUB_", "TF_BUILD", "BUILD_", "PYTEST_")
"""What a machine for tests may have set, which ONNX Runtime takes for a reason to be silent."""


@pytest.mark.model
def test_embedding_leaves_no_identifier_behind(tmp_path: Path) -> None:
    """ONNX Runtime keeps one beside what it sends; where there is none, it was silent from its first moment on."""
    kept = user_cache_path("sensemake", appauthor=False)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(RESTRAINED)}
    home = {"HOME": str(tmp_path / "user"), "XDG_CACHE_HOME": str(tmp_path / "user" / "cache")}
    (tmp_path / "user" / "cache").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", EMBED, str(kept)],
        env={**environment, **home},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "elemetry" not in done.stderr
    assert [path for path in (tmp_path / "user").rglob("*") if path.is_file()] == []
