"""A log line as JSON for little more than its bytes cost.

Through the logging module the same line took a sixth of a worker's time, where there is one
for every request or stream.
"""

import logging
import sys
from datetime import UTC, datetime

import orjson

_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


def write(logger: logging.Logger, event: str, **fields: object) -> None:
    """Say what happened, at level info. Raises OSError when nobody reads the log any more."""
    if not logger.isEnabledFor(logging.INFO):
        return
    line = {
        "event": event,
        "level": "info",
        "logger": logger.name,
        "at": datetime.now(UTC),
        **fields,
    }
    out = sys.stdout.buffer
    out.write(orjson.dumps(line, option=_OPTIONS))
    out.flush()
