"""Sensemake: semantic search and sensemaking over an organisation's knowledge."""

__version__ = "0.1.0"
