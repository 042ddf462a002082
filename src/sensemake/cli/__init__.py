"""The command line: each command parses, calls the workspace once and prints."""

from __future__ import annotations

import os
import sys

from sensemake import __version__

PATIENT = frozenset({"ingest", "sync", "worker"})
NICE = 10
"""By so much long work gives way to what answers questions beside it (nice(2)); alone it is as fast as ever."""


def main() -> None:
    """The entry point; `--version` answers before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"sensemake {__version__}\n")
        return
    if PATIENT.intersection(sys.argv[1:4]):  # after --home FOLDER, at most
        os.nice(NICE)
    from sensemake.cli.edge import run

    sys.exit(run(sys.argv[1:]))
