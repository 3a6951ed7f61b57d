"""Moments on the command line: `2026-05-04T12:00Z`, `2026-05-04`, or `90m`, `24h`, `7d` ago."""

import re
from datetime import UTC, datetime, timedelta

import click

SPAN = re.compile(r"\A([0-9]{1,5})([mhd])\Z")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """An aware moment; a span is so long ago, what names no offset is UTC."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        span = SPAN.match(str(value))
        if span is not None:
            return datetime.now(UTC) - timedelta(**{UNITS[span[2]]: int(span[1])})
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time: 2026-05-04T12:00Z, 2026-05-04, 24h or 7d.")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
