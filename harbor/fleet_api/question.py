"""What partners ask in the query string: nothing unknown, and moments that are meant so."""

from collections.abc import Collection
from datetime import datetime

from flask import request
from pydantic_core import PydanticCustomError

from harbor.errors import Malformed
from harbor.trackers.contract import read_moment


def refuse_unknown_parameters(known: Collection[str]) -> None:
    """A misspelt one would be answered with what was not asked for. Raises Malformed."""
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        raise Malformed(
            f"Unknown parameter {unknown[0]!r}; there are {', '.join(sorted(known))}."
        )


def moment_asked(name: str) -> datetime | None:
    """A parameter as a moment (RFC 3339, with an offset), or None; raises Malformed."""
    given = request.args.get(name)
    if given is None:
        return None
    try:
        return read_moment(given)
    except PydanticCustomError as error:
        raise Malformed(f"{name}: {error.message()}; in a URL, + is written %2B.") from None
