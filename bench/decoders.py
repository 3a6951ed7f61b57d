"""`python -m bench.decoders`: messages a second of each format, beside the bare parser's.

What a sender says once counts as one message: a position of an app, a sentence of NMEA 0183, a
transmission of AIS. Bare is the library alone: no units, no contract, no reports. Time is the
CPU's, the best of some rounds, so that a busy machine says nearly the same.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import orjson
import pyais
import pynmea2

from bench.machine import versions
from harbor.trackers.message import Limits, Message, Sender
from harbor.trackers.registry import DECODERS

CAPTURES = Path(__file__).parents[1] / "tests" / "captures"
OURS = UUID(int=1)
LIMITS = Limits(datetime(2026, 5, 4, 12, 30, tzinfo=UTC), 120, 100_000)
POSITION_TYPES = b"123B"
"""The first letters of the payloads of AIS types 1, 2, 3 and 18."""
COPIES = 60
HEARD_PER_OURS = 20
ROUNDS = 7
ROUND_SECONDS = 0.4
QUICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of a sender that says `count` things, and how the bare library reads it."""

    message: Message
    count: int
    bare: Callable[[], object]
    known: frozenset[str] | None = None
    """The vessels there are; None: whatever is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rounds of 50 ms")
    seconds = QUICK_SECONDS if parser.parse_args(arguments).quick else ROUND_SECONDS
    print(f"{versions()}\n")
    print(f"{'format':14} {'messages/s':>12} {'bare library':>14} {'ratio':>8}")
    figures = {name: measured(name, sample, seconds) for name, sample in samples().items()}
    print(json.dumps(figures))
    return 0


def measured(name: str, sample: Sample, seconds: float) -> dict[str, float]:
    decode = DECODERS[name.partition("_")[0]]
    sender = sender_for(sample, is_one_vessels=name == "nmea")
    ours = bare = 0.0
    for _ in range(ROUNDS):
        ours = max(ours, _speed(lambda: decode(sample.message, sender, LIMITS), seconds))
        bare = max(bare, _speed(sample.bare, seconds))
    per_s, bare_per_s = ours * sample.count, bare * sample.count
    print(f"{name:14} {per_s:>12,.0f} {bare_per_s:>14,.0f} {per_s / bare_per_s:>8.2f}")
    return {
        "per_s": round(per_s),
        "bare_per_s": round(bare_per_s),
        "ratio": round(per_s / bare_per_s, 3),
    }


def sender_for(sample: Sample, is_one_vessels: bool) -> Sender:
    known = sample.known
    return Sender(
        fleet_id=UUID(int=2),
        tracker_id=UUID(int=3),
        vessel_id=OURS if is_one_vessels else None,
        find_vessel=lambda name: OURS if known is None or name in known else None,
    )


def _speed(work: Callable[[], object], seconds: float) -> float:
    """Times a second of CPU time."""
    begun, times = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        work()
        times += 1
    return times / spent


def samples() -> dict[str, Sample]:
    """One for each format, put together from its captures."""
    form = _read("osmand/client10_form")
    return {
        "ais": _ais(known=None),
        "ais_1_in_20": _ais(known=frozenset({"371798000"})),
        "harbor": _json(_many(_read("harbor_json/array"))),
        "nmea": _nmea(),
        "osmand": Sample(form, 1, lambda: parse_qs(form.body)),
        "overland": _json(_many(_read("overland/batch"), "locations")),
        "owntracks": _json(_read("owntracks/ios")),
        "signalk": _json(_read("signalk/documented-delta")),
        "traccar": _json(_read("traccar/position")),
    }


def _ais(known: frozenset[str] | None) -> Sample:
    """Positions of a receiver's capture; with `known`, one of twenty is of our only vessel."""
    lines = _read("ais/receiver").body.splitlines()
    ours, *others = [line for line in lines if line[14:15] in POSITION_TYPES]
    rest = [others[at % len(others)] for at in range(HEARD_PER_OURS - 1)]
    heard = [ours] * COPIES if known is None else [ours, *rest] * COPIES
    return Sample(
        Message(b"\r\n".join(heard)),
        len(heard),
        lambda: [pyais.decode(line, error_if_checksum_invalid=True) for line in heard],
        known,
    )


def _nmea() -> Sample:
    lines = _read("nmea/gpsd").body.splitlines() * COPIES
    texts = [line.decode() for line in lines]
    return Sample(
        Message(b"\r\n".join(lines)),
        len(lines),
        lambda: [pynmea2.parse(text, check=True) for text in texts],
    )


def _json(message: Message) -> Sample:
    document = orjson.loads(message.body)
    items = document.get("locations", [document]) if isinstance(document, dict) else document
    return Sample(message, len(items), lambda: orjson.loads(message.body))


def _many(message: Message, member: str = "") -> Message:
    """The same with its first report many times."""
    document = orjson.loads(message.body)
    first = (document[member] if member else document)[0]
    many = [first] * COPIES
    return replace(message, body=orjson.dumps(document | {member: many} if member else many))


def _read(name: str) -> Message:
    """A capture: a body, or a request whose headers end with an empty line."""
    raw = (CAPTURES / f"{name}.raw").read_bytes()
    head, _, body = raw.partition(b"\r\n\r\n")
    if not head.startswith(b"POST "):
        return Message(raw)
    lines = (line.decode().partition(": ") for line in head.splitlines()[1:])
    headers = {name.lower(): value for name, _, value in lines}
    return Message(body, headers.get("content-type", ""), headers=headers)


if __name__ == "__main__":
    raise SystemExit(main())
