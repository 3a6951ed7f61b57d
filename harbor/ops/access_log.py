"""Gunicorn's access line: one JSON object per answer."""

import logging
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from harbor.ops import line, metrics, request_id
from harbor.ops.masking import masked

_access = logging.getLogger("gunicorn.access")


class AccessLogger(Logger):
    """Everything else that gunicorn says goes through the logging module as before."""

    def access(
        self, resp: Any, req: Any, environ: MutableMapping[str, Any], request_time: timedelta
    ) -> None:
        """The query is left out: it may name vessels."""
        status, seconds = int(str(resp.status)[:3]), request_time.total_seconds()
        metrics.answered(environ.get("PATH_INFO", ""), status, seconds)
        if not self.cfg.accesslog:
            return
        try:
            write(
                method=environ.get("REQUEST_METHOD"),
                path=environ.get("PATH_INFO"),
                status=status,
                address=environ.get("REMOTE_ADDR"),
                sent_bytes=resp.sent,
                seconds=seconds,
                request_id=_id_of(resp.headers),
            )
        except OSError as error:  # nobody reads the log any more: the answers go on
            self.error("The access log can't be written: %s", error)


def write(
    *,
    method: str | None,
    path: str | None,
    status: int,
    address: str | None,
    sent_bytes: int,
    seconds: float,
    request_id: str | None,
) -> None:
    """One line; also for streams, whose end gunicorn does not see."""
    line.write(
        _access,
        "request.answered",
        method=method,
        path=path and masked(path),
        status=status,
        address=address,
        bytes=sent_bytes,
        seconds=seconds,
        request_id=request_id,
    )


def _id_of(headers: list[tuple[str, str]]) -> str | None:
    return next((value for name, value in headers if name == request_id.HEADER), None)
