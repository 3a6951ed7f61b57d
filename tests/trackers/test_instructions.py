"""docs/trackers: what the pages tell a reader to try is a message of its format."""

import re
import shlex
from pathlib import Path

import pytest

from harbor.trackers.message import Limits, Message, Sender
from harbor.trackers.registry import DECODERS
from tests.builders import FLEET, TRACKER, VESSEL
from tests.trackers.captures import LIMITS, NOW

PAGES = Path(__file__).parents[2] / "docs" / "trackers"
MINE = ("traccar-client", "osmand", "owntracks", "overland", "traccar-server")
DATES = (
    ("$(date +%s)", str(int(NOW.timestamp()))),
    ("$(date -u +%Y-%m-%dT%H:%M:%SZ)", NOW.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ("$(date -u +%Y-%m-%dT%H:%M:%S.000+00:00)", NOW.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")),
)
ADDRESS = re.compile(r"\$HARBOR/api/v1/ingest/(\w+)(?:/\$TOKEN)?(?:\?(.*))?")


def requests_of(page):
    """The format and the message of each curl on a page."""
    text = (PAGES / f"{page}.md").read_text()
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for command in re.split(r"\n(?=curl)", block.replace("\\\n", ""))[1:]:
            for shell, value in DATES:
                command = command.replace(shell, value)
            yield message_of(shlex.split(command))


def message_of(words):
    _, address, *options = words
    format_name, query = ADDRESS.fullmatch(address).groups()
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ") for name, value in given if name == "--header")
    body = "".join(value for name, value in given if name == "--data")
    return format_name, Message(
        body.encode(),
        query=query or "",
        headers={name.lower(): value for name, value in headers.items()},
    )


@pytest.mark.parametrize("page", MINE)
def test_what_a_page_says_to_try_puts_the_vessel_on_the_map(page):
    sender = Sender(
        FLEET, TRACKER, VESSEL, {"356307042441013": VESSEL, str(VESSEL): VESSEL}.get
    )
    found = [
        DECODERS[format_name](message, sender, Limits(NOW, 120, 1000))
        for format_name, message in requests_of(page)
    ]

    assert found
    for one in found:
        assert len(one.accepted) == 1
        assert one.accepted[0].report.recorded_at == LIMITS.now
        assert one.accepted[0].report.speed_knots is not None


def test_every_place_that_a_page_gives_to_an_app_is_read():
    address = (PAGES / "osmand.md").read_text().split("osmand/TOKEN?")[1].split()[0]
    told = [57.6821, 11.8013, int(NOW.timestamp() * 1000), 4.5, 12.0, 5.0, 271.0]
    for at, value in enumerate(told):
        address = address.replace(f"{{{at}}}", str(value))

    sender = Sender(FLEET, TRACKER, VESSEL, {}.get)
    [one] = DECODERS["osmand"](Message(b"", query=address), sender, LIMITS).accepted

    said = one.report
    assert (said.latitude, said.longitude, said.recorded_at) == (57.6821, 11.8013, NOW)
    assert (said.accuracy_metres, said.altitude_metres) == (4.5, 12.0)
    assert (said.speed_knots, said.course_degrees) == (9.719, 271.0)
