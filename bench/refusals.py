"""`python -m bench.refusals`: can a stranger tell by time why the webhook refused him?

Every kind of refusal in a random order: the gate alone; the whole application in this
process, each refusal reading PostgreSQL at once; and crowds at a worker's port, where all
wait for the same reading. The medians are compared with those of a wrong signature.
"""

import argparse
import json
import random
import selectors
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from uuid import uuid4

from bench import workers
from bench.installation import Installation, Sender, installed, quiet
from bench.line import Line
from bench.load import now
from bench.machine import share_out, versions
from bench.pings import HEADERS, Pings
from harbor import create_app
from harbor.errors import Unauthenticated
from harbor.ingest.contents import Contents
from harbor.ingest.directory import Directory
from harbor.ingest.failures import Failures
from harbor.ingest.gate import Gate
from harbor.ingest.signature import sign
from harbor.runtime import Runtime
from harbor.store import trackers

BASE = "wrong signature"
CROWD = 50
ANSWER_SECONDS_MAX = 10.0
MESSAGE, KEY = "msg_stranger", b"a stranger's key, 32 bytes long."

Times = dict[str, list[float]]
Medians = dict[str, float]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=2000, help="of each kind")
    samples = arguments.parse_args().samples
    with installed(share_out()) as site:
        body = json.dumps(Pings(site.senders).fix()).encode()
        runtime: Runtime = create_app(quiet(site.settings)).extensions["harbor"]
        names = prepare(runtime, site.senders)
        contents = runtime.directory.contents()
        runtime.close()
        result = {
            "gate_us": shown("gate alone, µs", gate_alone(contents, names, body, samples)),
            "answer_ms": shown("whole answer, ms", whole_answer(site, names, body, samples)),
        }
        with workers.harbor(site, {}, site.cores.worker) as service:
            crowds = in_crowds(service.port, names, body, samples // 4)
            result["crowd_ms"] = shown("in crowds, ms", crowds)
    ratios = {name: ratios_of(medians) for name, medians in result.items()}
    worst = max((one for found in ratios.values() for one in found.values()), key=off_by)
    print(
        json.dumps({**result, "ratios": ratios, "worst_ratio": worst, "versions": versions()})
    )


def prepare(runtime: Runtime, senders: Sequence[Sender]) -> Mapping[str, str]:
    """Trackers of every kind, and by which id they are named."""
    plain, rotated, revoked = senders[:3]
    moment = runtime.clock()
    until = moment + timedelta(days=1)
    with runtime.database.session() as session:
        trackers.rotate(session, runtime.seal, rotated.fleet_id, reference(rotated), until)
        trackers.revoke(session, revoked.fleet_id, reference(revoked), moment)
    return {
        BASE: reference(plain),
        "wrong signature, two secrets": reference(rotated),
        "unknown tracker": str(uuid4()),
        "revoked tracker": reference(revoked),
        "no id at all": "x" * 36,
    }


def reference(sender: Sender) -> str:
    return str(sender.tracker_id)


class Still:
    """A directory that has nothing new to tell."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def contents(self) -> Contents:
        return self._contents

    def look_anew(self) -> bool:
        return False


def gate_alone(
    contents: Contents, names: Mapping[str, str], body: bytes, samples: int
) -> Times:
    """Microseconds of Gate.open until it refuses."""
    gate = Gate(Still(contents), lambda: datetime.now(UTC), 300, Failures(30))
    at = int(time.time())
    signature = sign(MESSAGE, at, body, KEY)

    def knock(kind: str) -> float:
        began = now()
        try:
            gate.open(names[kind], MESSAGE, str(at), signature, body)
        except Unauthenticated:
            return 1e6 * (now() - began)
        raise RuntimeError(f"{kind}: was let in")

    return measured(names, samples, knock)


def whole_answer(
    site: Installation, names: Mapping[str, str], body: bytes, samples: int
) -> Times:
    """Milliseconds. The directory's clock runs so fast that a reading is always due."""
    app = create_app(quiet(site.settings))
    runtime: Runtime = app.extensions["harbor"]
    ticks = count()
    runtime.directory = Directory(
        runtime.database, runtime.seal, runtime.thresholds, lambda: next(ticks)
    )
    runtime.gate = Gate(runtime.directory, runtime.clock, 300, Failures(30))
    client = app.test_client()

    def knock(kind: str) -> float:
        headers = signed(names[kind], body)
        began = now()
        answer = client.post("/api/v1/positions", data=body, headers=headers)
        took_s = now() - began
        if answer.status_code != 401:
            raise RuntimeError(f"{kind}: answered {answer.status_code}")
        return 1000 * took_s

    try:
        measured(names, 20, knock)  # warm-up
        return measured(names, samples, knock)
    finally:
        runtime.close()


def signed(named: str, body: bytes) -> dict[str, str]:
    at = int(time.time())
    return {
        "Content-Type": "application/json",
        "Harbor-Tracker": named,
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(MESSAGE, at, body, KEY),
    }


def in_crowds(port: int, names: Mapping[str, str], body: bytes, samples: int) -> Times:
    """Milliseconds until each of a crowd of strangers has the answer."""
    lines = [Line(port) for _ in range(CROWD)]
    found: Times = {kind: [] for kind in names}
    order = list(shuffled(names, samples))
    try:
        for first in range(0, len(order), CROWD):
            requests = [
                (kind, request(names[kind], body)) for kind in order[first : first + CROWD]
            ]
            for kind, took_ms in crowd(lines, requests):
                found[kind].append(took_ms)
    finally:
        for line in lines:
            line.close()
    return found


def request(named: str, body: bytes) -> bytes:
    at = int(time.time())
    head = HEADERS.format(
        tracker=named,
        message=MESSAGE,
        timestamp=at,
        signature=sign(MESSAGE, at, body, KEY),
        length=len(body),
    )
    return head.encode() + body


def crowd(
    lines: Sequence[Line], requests: Sequence[tuple[str, bytes]]
) -> Iterator[tuple[str, float]]:
    """Each kind that was sent, and the milliseconds until its answer came."""
    until = now() + ANSWER_SECONDS_MAX
    with selectors.DefaultSelector() as waiting:
        for line, (kind, raw) in zip(lines, requests, strict=False):
            began = now()
            waiting.register(line, selectors.EVENT_READ, (line, kind, began))
            line.send(raw, began)
        while waiting.get_map():
            if now() > until:
                raise TimeoutError("no answer")
            for key, _ in waiting.select(1.0):
                line, kind, began = key.data
                answer = line.read()
                if answer is None:
                    continue
                if answer.status != 401:
                    raise RuntimeError(f"{kind}: answered {answer.status}")
                yield kind, 1000 * (now() - began)
                waiting.unregister(line)


def measured(kinds: Mapping[str, object], samples: int, knock: Callable[[str], float]) -> Times:
    found: Times = {kind: [] for kind in kinds}
    for kind in shuffled(kinds, samples):
        found[kind].append(knock(kind))
    return found


def shuffled(kinds: Mapping[str, object], samples: int) -> Iterator[str]:
    """Every kind once in each round, in another order each time, the same in every run."""
    dice = random.Random(1852)
    for _ in range(samples):
        yield from dice.sample(sorted(kinds), len(kinds))


def shown(name: str, times: Times) -> Medians:
    medians = {kind: round(median(values), 3) for kind, values in times.items()}
    print(f"{name}: {medians}", flush=True)
    return medians


def ratios_of(medians: Medians) -> dict[str, float]:
    return {
        kind: round(value / medians[BASE], 3) for kind, value in medians.items() if kind != BASE
    }


def off_by(ratio: float) -> float:
    return abs(ratio - 1)


if __name__ == "__main__":
    main()
