"""The tests of security use the small home of the tests of the doors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "doors"))
