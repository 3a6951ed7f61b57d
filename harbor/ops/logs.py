"""Structured logs: one JSON object per line on standard output, gunicorn's own too."""

import logging.config
from typing import Any

import structlog
from structlog.typing import Processor

from harbor.ops import request_id
from harbor.ops.masking import masked

SHARED: tuple[Processor, ...] = (
    request_id.add,
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
                    without_secrets,
                ],
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
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


def without_secrets(_: object, __: str, line: str) -> str:
    """The last processor: whatever somebody logged of an address, no secret is in the line."""
    return masked(line)


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
