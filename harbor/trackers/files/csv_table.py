"""CSV: a first line that names the columns, then a position on each line.

Harbor's own download is one; `columns` knows the names that others use.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from harbor.errors import FieldError, Malformed
from harbor.trackers.files.columns import UNKNOWN, VESSEL, Meaning, meanings_of
from harbor.trackers.files.lines import lines, texts
from harbor.trackers.files.stretch import Entry, Stretch, in_stretches
from harbor.trackers.message import Limits, Sender

DELIMITERS = (",", ";", "\t", "|")
_DECIMAL_COMMA = re.compile(r"\A\s*[+-]?[0-9]{1,3},[0-9]+\s*\Z")
_GUARDED = re.compile(r"\A'(?=[=+\-@\t\r\n])")
"""The apostrophe by which our own download keeps a name from being taken for a formula."""


def read(stream: BinaryIO, sender: Sender, limits: Limits, after: int) -> Iterator[Stretch]:
    return in_stretches(entries(stream, sender), sender, limits, after, "line")


def entries(stream: BinaryIO, sender: Sender) -> Iterator[Entry]:
    """Raises Malformed when the columns can't be told, and where CSV ends to be CSV."""
    text = texts(lines(stream))
    header_line = next(text, "")
    if not header_line.strip():
        raise Malformed("There is nothing in its first line, which names the columns.")
    delimiter = max(DELIMITERS, key=header_line.count)
    header = next(csv.reader([header_line], delimiter=delimiter), [])
    meanings = meanings_of(header, "line 1")
    reader = csv.reader(text, delimiter=delimiter)
    hull = OneHull(sender)
    is_first = True
    try:
        for row in reader:
            if not any(row):
                continue
            number = reader.line_num + 1
            if is_first:
                _refuse_decimal_commas(row, meanings, number)
            is_first = False
            yield _entry(number, row, meanings, hull)
    except csv.Error as error:
        raise Malformed(f"line {reader.line_num + 1}: {error}") from None


class OneHull:
    """Sees to it that a file is of one vessel: the one that it is imported for.

    Its name may be one that the fleet does not know; then all lines must say the same.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._known: dict[str, bool] = {"": True}
        self._strange_name: str | None = None

    def is_same(self, name: str) -> bool:
        if name not in self._known:
            if len(self._known) > 1000:
                return False
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> bool:
        vessel_id = self._sender.find_vessel(_GUARDED.sub("", name))
        if vessel_id is not None:
            return vessel_id == self._sender.vessel_id
        if self._strange_name is None:
            self._strange_name = name
        return name == self._strange_name


def _entry(
    number: int, row: Sequence[str], meanings: Sequence[Meaning | None], hull: OneHull
) -> Entry:
    if len(row) > len(meanings):
        detail = f"{len(row)} cells, and the first line names {len(meanings)} columns"
        return Entry(number, raw=_raw(row), fault=FieldError(f"line {number}", "cells", detail))
    members: dict[str, object] = {}
    for meaning, cell in zip(meanings, row, strict=False):
        if meaning is None or cell.strip().lower() in UNKNOWN:
            continue
        if meaning.member == VESSEL:
            if not hull.is_same(cell.strip()):
                return Entry(number, raw=_raw(row), fault=_other_vessel(number, cell.strip()))
        elif (value := meaning.read(cell.strip())) is not None:
            members[meaning.member] = value
    return Entry(number, members)


def _other_vessel(number: int, name: str) -> FieldError:
    detail = f"{name[:80]!r} is another vessel; import each vessel's lines by themselves"
    return FieldError(f"line {number}/vessel", "unknown_vessel", detail)


def _raw(row: Sequence[str]) -> bytes:
    """As it may have stood in the file."""
    return ",".join(row).encode()


def _refuse_decimal_commas(
    row: Sequence[str], meanings: Sequence[Meaning | None], number: int
) -> None:
    """Raises Malformed: whether 57,66 is one number or two, nobody should have to guess."""
    is_comma = any(
        meaning is not None and meaning.member != "recorded_at" and _DECIMAL_COMMA.match(cell)
        for meaning, cell in zip(meanings, row, strict=False)
    )
    if is_comma or len(row) > len(meanings):
        raise Malformed(
            f"line {number}: decimal commas, or more cells than the first line has names: save"
            " the table with decimal points (57.66, not 57,66)"
        )
