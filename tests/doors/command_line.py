"""Runs command lines in the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fake_workspace import FakeWorkspace

from sensemake.cli.edge import run


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs command lines in this process over one workspace, as `sensemake` would."""

    capture: pytest.CaptureFixture[str]
    home: Path
    workspace: FakeWorkspace = field(default_factory=FakeWorkspace)
    opened: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, *words: str) -> Done:
        self.capture.readouterr()
        code = run(["--home", str(self.home), *words], self._open)
        out, err = self.capture.readouterr()
        return Done(code, out, err)

    def _open(self, settings: Any, **how: Any) -> Any:
        self.opened.append({"home": settings.home, **how})
        self.workspace.settings = settings
        return self.workspace
