"""Queries and form bodies: one text for each name."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from harbor.errors import Malformed
from harbor.trackers.message import Message

FIELDS_MAX = 100


def fields_of(message: Message) -> dict[str, str]:
    """Those of the query and of the body, which wins; of a repeated name the last counts.

    Raises Malformed for `FIELDS_MAX` or more: with a time that a decoder adds they are still
    a form that it reads.
    """
    fields = _parsed(message.query) | _parsed(message.body.decode(errors="replace"))
    if len(fields) >= FIELDS_MAX:
        raise Malformed("It is no form: it has too many fields.")
    return fields


def _parsed(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        return dict(parse_qsl(text.strip(), max_num_fields=FIELDS_MAX))
    except ValueError as error:
        raise Malformed(f"It is no form: {error}.") from None


def as_body(message: Message, fields: Mapping[str, str]) -> bytes:
    """The fields of this message as a body by itself: its own bytes, where that can be.

    Writing them anew takes longer than all the rest of a position.
    """
    if not message.query:
        return message.body
    if not message.body and message.query.lstrip()[:1] not in ("{", "["):
        return message.query.encode()
    return written(fields)


def written(fields: Mapping[str, str]) -> bytes:
    """As the body of a form."""
    return urlencode(fields, errors="replace").encode()
