"""Messages for fuzzing: captures with pieces cut out, doubled, swapped and filled with junk."""

import re

from hypothesis import strategies as st

from harbor.trackers.message import Message
from harbor.trackers.registry import HARBOR
from harbor.trackers.sentence import checksum
from tests.trackers import captures

EDITS_MAX = 6
WORDS_MAX = 2_000
SENTENCES = ("ais", "nmea")
WORD = re.compile(rb"[A-Za-z0-9_.+-]+|[^A-Za-z0-9_.+-]")
SENTENCE = re.compile(rb"([!$])([^!$*\r\n]*)\*[0-9A-Fa-f]{0,2}")
JUNK = (b"", b"\0", b"\xff", b"null", b"1e999", b"-1", b"9" * 30, b'"', b"\\ud800", b"[[[[{{")


def of(format_name: str) -> st.SearchStrategy[Message]:
    """Captures of the format with a few edits; sentences may get right checksums again."""
    folder = "harbor_json" if format_name == HARBOR else format_name
    known = [
        captures.message_of(path.read_bytes())
        for path in sorted((captures.FOLDER / folder).glob("*.raw"))
    ]
    words = sorted({word for one in known for word in WORD.findall(one.body)})[:WORDS_MAX]
    piece = st.sampled_from([*words, *JUNK]) | st.binary(max_size=8)
    edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), piece), max_size=EDITS_MAX)
    is_mended = st.booleans() if format_name in SENTENCES else st.just(False)
    return st.builds(edited, st.sampled_from(known), edits, edits, is_mended)


def edited(message: Message, body_edits, query_edits, is_mended: bool) -> Message:
    body = apply(message.body, body_edits)
    query = apply(message.query.encode(), query_edits if message.query else [])
    return Message(
        mended(body) if is_mended else body,
        message.content_type,
        query.decode("latin-1"),
        message.headers,
    )


def apply(text: bytes, edits) -> bytes:
    """Each edit puts a piece at a share of the length, in the place of some bytes."""
    for share, removed, piece in edits:
        at = round(share * len(text))
        text = text[:at] + piece + text[at + removed :]
    return text


def mended(body: bytes) -> bytes:
    """The same sentences with right checksums: what gets past them matters most."""
    return SENTENCE.sub(
        lambda found: b"%s%s*%02X" % (found[1], found[2], checksum(found[2])), body
    )
