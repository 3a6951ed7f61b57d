"""Our scripts as they are sent: a third of them is comments, which no browser reads.

Only a comment that has its lines to itself goes, and its line ends stay: what an error says of
lines is true of the sources.
"""

import re

COMMENT = re.compile(
    rb"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/[ \t]*|//[^\n]*)$",
    re.MULTILINE,
)
OWN = "js/"
"""Where ours are. What others wrote carries its licence in a comment."""


def lean(name: str, body: bytes) -> bytes:
    """A static file by its path, without comments if it is a script of ours."""
    if not (name.startswith(OWN) and name.endswith(".js")):
        return body
    return COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), body)
