"""The command line: each command parses, calls the workspace once and prints."""

from __future__ import annotations

import sys

from sensemake import __version__


def main() -> None:
    """The entry point; `--version` answers before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"sensemake {__version__}\n")
        return
    from sensemake.cli.edge import run

    sys.exit(run(sys.argv[1:]))
