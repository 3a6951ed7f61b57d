"""The form of an API key: a prefix that scanners find, random digits, a checksum."""

import secrets
import string
import zlib

PREFIX = "hbf_live_"
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_key() -> str:
    """`hbf_live_`, 30 random base-62 digits (178 bits), 6 of CRC-32."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_LENGTH))
    return PREFIX + random + checksum(random)


def is_well_formed(key: str) -> bool:
    """Whether the checksum fits: a mistyped key costs no look-up."""
    if not key.startswith(PREFIX) or not key.isascii():
        return False
    digits = key.removeprefix(PREFIX)
    if len(digits) != RANDOM_LENGTH + CHECKSUM_LENGTH:
        return False
    return digits[RANDOM_LENGTH:] == checksum(digits[:RANDOM_LENGTH])


def checksum(random: str) -> str:
    """CRC-32 of the digits, in base 62, padded to six."""
    value = zlib.crc32(random.encode())
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        value, digit = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
