"""One deflate stream that many clients share (RFC 1951, RFC 1952).

Every block ends at a byte, so whoever is in step gets the very same bytes. What follows may
refer to what went before; before somebody joins, the window is forgotten (a full flush), so
that everybody who is in step again has seen all that may be referred to.
"""

import zlib

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LEVEL = 6


class SharedDeflate:
    """The compressor of all clients in step; holds about 256 KB."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.is_joined = False

    def block(self, content: bytes) -> bytes:
        """The same bytes for all; `is_joined` says that one of them is new."""
        forgotten = b""
        if self.is_joined:
            self.is_joined = False
            forgotten = self._compressor.flush(zlib.Z_FULL_FLUSH)
        body = self._compressor.compress(content)
        return forgotten + body + self._compressor.flush(zlib.Z_SYNC_FLUSH)


def alone(content: bytes) -> bytes:
    """A block for one client, which refers to nothing; afterwards it joins anew."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush(zlib.Z_FULL_FLUSH)
