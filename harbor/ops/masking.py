"""Secrets that stand in an address, kept out of everything that is written down.

A tracker that can't sign has its secret in `/api/v1/ingest/<format>/<secret>`. Where somebody
wrote the rest of the address wrongly, the secret is still one.
"""

import re

MASK = "-"
TOKEN_LENGTH = 43
_BELOW_A_FORMAT = re.compile(r"""(/ingest/[^/\s?#"'\\]*)/[^\s?#"'\\]+""")
_TOKEN = re.compile(
    r"(?:(?<![\w-])|(?<=%2F)|(?<=%2f))(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])",
    re.ASCII,
)
"""32 bytes in URL-safe base64: as many signs of both cases as no word of ours and no digest."""


def masked(text: str) -> str:
    """The same without what may be the secret of a tracker."""
    if len(text) < TOKEN_LENGTH and "/ingest/" not in text:
        return text
    return _TOKEN.sub(MASK, _BELOW_A_FORMAT.sub(rf"\1/{MASK}", text))


def masked_throughout(value: object) -> object:
    """Every text in a structure of dictionaries and lists."""
    match value:
        case str():
            return masked(value)
        case dict():
            return {name: masked_throughout(one) for name, one in value.items()}
        case list() | tuple():
            return [masked_throughout(one) for one in value]
        case _:
            return value
