"""The server's log on stderr: lines for people, or JSON Lines for what collects them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from sensemake.config import Settings

REQUEST = "request"
"""The field of a log record that holds what is known of a request: its id, method, route, status and milliseconds."""


def logs(settings: Settings) -> None:
    """How this process writes its log."""
    lines: logging.Formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if settings.log_format == "json" else lines)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])


class _JsonLines(logging.Formatter):
    """One object a line, whatever is in the message; times are in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, REQUEST, {}),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
