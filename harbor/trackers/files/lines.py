"""The lines of a file, none of them longer than what fits in memory many times over."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from harbor.errors import Malformed

LINE_BYTES_MAX = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

NumberedLines = Iterator[tuple[int, bytes]]


def lines(stream: BinaryIO) -> NumberedLines:
    """Each with its number, from 1, and its end; without a byte order mark."""
    number = 0
    while line := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > LINE_BYTES_MAX:
            raise Malformed(
                f"line {number} is longer than {LINE_BYTES_MAX:,} bytes: is it a text file?"
            )
        yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line


def texts(numbered: Iterable[tuple[int, bytes]]) -> Iterator[str]:
    """The lines as text; raises Malformed at the first that is not UTF-8."""
    for number, line in numbered:
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise Malformed(
                f"line {number} is not UTF-8: save the file as UTF-8, or convert it with"
                " iconv --from-code LATIN1 --to-code UTF-8"
            ) from None
