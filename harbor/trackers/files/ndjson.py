"""NDJSON: on each line one position, as it would be posted to /api/v1/positions."""

from collections.abc import Iterator
from typing import BinaryIO

from harbor.errors import FieldError, Malformed
from harbor.trackers import harbor_json
from harbor.trackers.files.lines import lines
from harbor.trackers.files.stretch import Entry, Stretch, in_stretches
from harbor.trackers.message import Limits, Sender


def read(stream: BinaryIO, sender: Sender, limits: Limits, after: int) -> Iterator[Stretch]:
    return in_stretches(entries(stream), sender, limits, after, "line")


def entries(stream: BinaryIO) -> Iterator[Entry]:
    """Raises Malformed when the first line is no JSON object: then none will be.

    A later one that is none, such as the last of a file that was cut, is rejected by itself.
    """
    is_first = True
    for number, line in lines(stream):
        raw = line.strip()
        if not raw:
            continue
        try:
            yield Entry(number, _object(raw), raw)
        except Malformed as error:
            if is_first:
                raise Malformed(f"line {number}: {error}") from None
            fault = FieldError(f"line {number}", "malformed", str(error))
            yield Entry(number, raw=raw, fault=fault)
        is_first = False


def _object(raw: bytes) -> dict[str, object]:
    document = harbor_json.parse(raw)
    if not isinstance(document, dict):
        raise Malformed("One position a line: a JSON object, not an array.")
    return document
