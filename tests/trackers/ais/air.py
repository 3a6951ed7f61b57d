"""AIS messages put on the air by pyais's encoder, for tests that vary one member."""

from pyais import encode_dict

OURS = "265547250"
OTHER_OF_OURS = "265123456"
STRANGER = "244650946"
MAN_OVERBOARD = "972547250"
PLACE = {"lat": 57.66, "lon": 11.8, "speed": 9.5, "course": 90.0, "second": 0}


def sentences(type_: int, mmsi: str = OURS, sentence: str = "VDM", **members) -> list[bytes]:
    """The sentences of one message; VDO is the receiver's own ship."""
    given = {"type": type_, "mmsi": mmsi} | members
    return [line.encode() for line in encode_dict(given, sentence_type=sentence)]


def position(type_: int = 1, **members) -> bytes:
    """One sentence with a place."""
    heading = {"heading": 91} if type_ not in (9, 27) else {}
    [line] = sentences(type_, **(PLACE | heading | members))
    return line
