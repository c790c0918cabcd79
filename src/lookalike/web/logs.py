"""The server's log as lines of JSON, for programs that collect logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLine(logging.Formatter):
    """Writes each line as a JSON object: the facts of a request, or else a ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line; a traceback is in it as text."""
        facts = getattr(record, "request", None) or {"message": record.getMessage()}
        if record.exc_info:
            facts = {**facts, "exception": self.formatException(record.exc_info)}
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"time": time, **facts})
