"""Lines of NMEA 0183 with right checksums, for tests that need many."""

from harbor.trackers.sentence import checksum


def closed(body: bytes | str, start: bytes = b"!") -> bytes:
    """The sentence of what stands between its first character and its checksum."""
    text = body.encode() if isinstance(body, str) else body
    return b"%s%s*%02X" % (start, text, checksum(text))


def block(said: str) -> bytes:
    """A tag block."""
    text = said.encode()
    return b"\\%s*%02X\\" % (text, checksum(text))
