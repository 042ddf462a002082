"""Reads a source in a child process that can do no harm: limits of time and memory, no network, no writing."""

from sensemake.reading.limits import DEFAULT, Limits
from sensemake.reading.lines import Item, items, line
from sensemake.reading.parent import Reader

__all__ = ["DEFAULT", "Item", "Limits", "Reader", "items", "line"]
