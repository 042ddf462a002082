"""How long a command takes from a cold process, beside a bare Python in the same run.

    python eval/bench_cli.py --home DEMO_HOME [--runs 7]

DEMO_HOME is the home that `sensemake demo FOLDER` made (FOLDER/home). Prints the median and the best of RUNS, the runs
of all commands interleaved, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import numpy, sqlalchemy, onnxruntime'": [
        sys.executable,
        "-c",
        "import numpy, sqlalchemy, onnxruntime, tokenizers",
    ],
    "sensemake --version": ["sensemake", "--version"],
    "sensemake --help": ["sensemake", "--help"],
    "sensemake search": ["sensemake", "search", "why did the gateways drop out at night"],
    "sensemake who": ["sensemake", "who", "calibration of nitrate probes"],
}


def once(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SENSEMAKE_HOME": str(asked.home)}
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(asked.runs):
        for name, command in COMMANDS.items():
            seconds[name].append(once(command, environment))
    print("| command | median s | best s |\n|---|---|---|")
    for name, taken in seconds.items():
        print(f"| `{name}` | {statistics.median(taken):.2f} | {min(taken):.2f} |")


if __name__ == "__main__":
    main()
