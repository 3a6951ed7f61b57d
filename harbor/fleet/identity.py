"""What vessels are known by: IMO number, MMSI, Harbor id."""

import re
from uuid import UUID

_IMO = re.compile(r"\A(?:IMO ?)?([0-9]{7})\Z")
_MMSI = re.compile(r"\A[0-9]{9}\Z")
_SHIP_FIRST_DIGITS = "234567"
_CALL_SIGN = re.compile(r"\A[A-Z0-9]{3,7}\Z")


def imo_number(text: str) -> str | None:
    """The seven digits, or None when the check digit is wrong (IMO resolution A.1117(30)).

    The first six digits times 7, 6, 5, 4, 3, 2; the last digit of the sum is the seventh.
    """
    match = _IMO.match(text.strip())
    if match is None:
        return None
    digits = match[1]
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)
    )
    return digits if total % 10 == int(digits[6]) else None


def ship_mmsi(text: str) -> str | None:
    """The nine digits of a ship station identity (ITU-R M.585: MIDxxxxxx), or None.

    A MID begins with 2 to 7; coast stations, aircraft, aids and distress beacons don't.
    """
    digits = text.strip()
    if _MMSI.match(digits) is None or digits[0] not in _SHIP_FIRST_DIGITS:
        return None
    return digits


def call_sign(text: str) -> str | None:
    """In capitals, or None when it is none: three to seven letters and digits."""
    sign = text.strip().upper()
    return sign if _CALL_SIGN.match(sign) else None


def harbor_id(text: str) -> UUID | None:
    """A vessel's, tracker's or key's own id, or None when the text is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
