"""Structured logs: one JSON object per line on standard output, gunicorn's own too."""

import logging.config
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


def logging_config(level: str) -> dict[str, Any]:
    """For logging.config.dictConfig and for gunicorn's logconfig_dict."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "pass_foreign_args": True,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": [*SHARED, access_fields, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stdout",
            }
        },
        "root": {"level": level, "handlers": ["out"]},
        "loggers": {
            "gunicorn.error": {"level": level, "propagate": True},
            "gunicorn.access": {"level": level, "propagate": True},
            "alembic": {"level": "WARNING"},
        },
    }


def configure(level: str) -> None:
    """Set up standard logging and structlog for this process."""
    logging.config.dictConfig(logging_config(level))
    configure_structlog()


def configure_structlog() -> None:
    """Hand structlog's events to standard logging, which renders them."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def access_fields(_: Any, __: str, event: EventDict) -> EventDict:
    """Gunicorn's access line as fields; the query is left out, it may name vessels."""
    atoms = event.pop("positional_args", None)
    if event.get("logger") != "gunicorn.access" or not isinstance(atoms, Mapping):
        return event
    event["event"] = "request.answered"
    event["method"] = atoms.get("m")
    event["path"] = atoms.get("U")
    event["status"] = int(atoms.get("s") or 0)
    event["address"] = atoms.get("h")
    event["bytes"] = atoms.get("B")
    event["seconds"] = float(str(atoms.get("L") or 0))
    event["request_id"] = atoms.get("{x-request-id}o")
    return event
