"""GET /fleet/history: the whole fleet's past for a replay, thinned and sent as it is read.

JSON, a line each (application/x-ndjson):

- `{"from", "to", "step_s", "vessels": [{"id", "name", "imo_number", "mmsi", "call_sign",
  "retired_at"}], "left_out"}`: what comes, moments in milliseconds since 1970; a vessel that
  retired after `from` is among them;
- `{"from", "to", "tracks": [[number, interval_ms, [ms], [north], [east], [speed], [course],
  [heading]], …]}`: one slice of time, as `harbor.store.history.tracks` says; `number` counts
  in `vessels`, `interval_ms` is how often this vessel reported in it. Slices come from the one
  that holds `at` to the end, then those before it, the youngest first: playing begins with
  the second line. Before the first, and last of all, stands a slice of one fix per vessel,
  her newest before what follows (`"to": from, "is_before": true`);
- `{"end": true, "fixes"}`, or `{"end": false, "detail"}` when it broke off.

GET /fleet/history/activity: of how many vessels there are fixes, in each of 200 parts.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import orjson
import structlog
from flask import Response, request

from harbor import access
from harbor.errors import Malformed, Unavailable
from harbor.fleet.history import FIXES_MAX, SPAN_MAX, VESSELS_MAX, Plan, Slice, plan
from harbor.fleet.vessel import Particulars
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.patience import limit_waiting
from harbor.fleet_web.span import moment_asked, span_asked
from harbor.runtime import running
from harbor.store import history, vessels
from harbor.store.database import Database

log = structlog.get_logger()

SPAN_DEFAULT = timedelta(hours=24)
BEFORE_MAX = timedelta(hours=12)
"""So long before the period a vessel may have reported last, to be there at its beginning."""
BUCKETS = 200
ACTIVITY_VESSELS_MAX = 500
SECONDS_MAX = 120.0
PIECE_SECONDS_MAX = 20.0
"""A reader that does not take a piece for so long is let go."""
GZIP_LEVEL = 4
SHARE = 3
"""Open at once by one person, in one worker."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class Question:
    """Whose past, and which; all that the stream knows of who asked."""

    fleet_id: UUID
    vessels: tuple[Particulars, ...]
    left_out: int
    plan: Plan
    at: datetime

    @property
    def vessel_ids(self) -> list[UUID]:
        return [one.id for one in self.vessels]


@bp.get("/fleet/history")
def fleet_history() -> Response:
    principal, runtime = access.dispatcher(), running()
    question = _question(principal.fleet_id)
    lines = _lines(runtime.database, question)
    is_compressed = request.accept_encodings.quality("gzip") > 0
    caller = runtime.histories.take(str(principal.id), SHARE)
    body = _compressed(lines) if is_compressed else lines
    response = Response(body, mimetype="application/x-ndjson", headers=HEADERS)
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.call_on_close(lambda: runtime.histories.give_back(caller))
    limit_waiting(response, PIECE_SECONDS_MAX)
    return response


@bp.get("/fleet/history/activity")
def fleet_activity() -> Response:
    principal, runtime = access.dispatcher(), running()
    start_at, end_at = span_asked(runtime.clock(), SPAN_DEFAULT, SPAN_MAX)
    with runtime.database.session() as session:
        fleet = vessels.sailed_after(session, principal.fleet_id, start_at)
        asked = _spread([one.id for one in fleet], ACTIVITY_VESSELS_MAX)
        found = history.activity(
            session, principal.fleet_id, asked, Slice(start_at, end_at), BUCKETS
        )
    document = {
        "from": _milliseconds(start_at),
        "to": _milliseconds(end_at),
        "vessels": len(asked),
        "reporting": [one.reporting for one in found],
        "under_way": [one.under_way for one in found],
    }
    return Response(
        orjson.dumps(document),
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _question(fleet_id: UUID) -> Question:
    """Raises Malformed, Unavailable."""
    runtime = running()
    start_at, end_at = span_asked(runtime.clock(), SPAN_DEFAULT, SPAN_MAX)
    at, wanted = moment_asked("at") or start_at, _vessels_asked()
    with runtime.database.session() as session:
        known = vessels.sailed_after(session, fleet_id, start_at)
    fleet = [one for one in known if wanted is None or one.id in wanted]
    shown = tuple(fleet[:VESSELS_MAX])
    left_out = len(fleet) - len(shown)
    return Question(fleet_id, shown, left_out, plan(start_at, end_at, len(shown)), at)


def _vessels_asked() -> set[UUID] | None:
    given = request.args.get("vessels")
    if given is None:
        return None
    try:
        return {UUID(one) for one in given.split(",")[:VESSELS_MAX]}
    except ValueError:
        raise Malformed("vessels is a list of Harbor ids with commas between them.") from None


def _spread(vessel_ids: list[UUID], most: int) -> list[UUID]:
    """All of them, or evenly chosen ones."""
    return vessel_ids[:: -(-len(vessel_ids) // most) or 1]


def _lines(database: Database, question: Question) -> Iterator[bytes]:
    """Between two of them nothing is held: neither session nor connection nor request."""
    fixes, until = 0, monotonic() + SECONDS_MAX
    yield _head(question)
    try:
        for part, is_before in _parts(question):
            if monotonic() > until:
                raise Unavailable("The history was read too slowly.")
            found = _read(database, question, part, is_before, fixes)
            fixes += found.fixes
            yield _slice_line(part, found, is_before)
    except Unavailable as error:
        log.warning("history.broken_off", fleet=str(question.fleet_id), error=str(error))
        yield orjson.dumps({"end": False, "detail": str(error)}) + b"\n"
        return
    yield orjson.dumps({"end": True, "fixes": fixes}) + b"\n"


def _parts(question: Question) -> Iterator[tuple[Slice, bool]]:
    """What is read one after the other, and whether it is only what was before."""
    if not question.vessels:
        return
    slices = list(question.plan.sent_from(question.at))
    first = slices[0].start_at
    yield Slice(first - BEFORE_MAX, first), True
    yield from ((part, False) for part in slices)
    start_at = question.plan.start_at
    if first != start_at:
        yield Slice(start_at - BEFORE_MAX, start_at), True


def _read(
    database: Database, question: Question, part: Slice, is_before: bool, fixes: int
) -> history.Tracks:
    whose = (question.fleet_id, question.vessel_ids, part)
    with database.session() as session:
        if is_before:
            return history.before(session, *whose)
        # Turns are what a plan can't count beforehand: over the limit there are no more.
        with_turns = fixes < FIXES_MAX
        return history.tracks(session, *whose, question.plan.step_s, with_turns=with_turns)


def _head(question: Question) -> bytes:
    plan = question.plan
    head = {
        "from": _milliseconds(plan.start_at),
        "to": _milliseconds(plan.end_at),
        "step_s": plan.step_s,
        "vessels": [
            {
                "id": one.id,
                "name": one.name,
                "imo_number": one.imo_number,
                "mmsi": one.mmsi,
                "call_sign": one.call_sign,
                "retired_at": _milliseconds(one.retired_at) if one.retired_at else None,
            }
            for one in question.vessels
        ],
        "left_out": question.left_out,
    }
    return orjson.dumps(head) + b"\n"


def _slice_line(part: Slice, found: history.Tracks, is_before: bool) -> bytes:
    ends = f'"from":{_milliseconds(part.start_at)},"to":{_milliseconds(part.end_at)}'
    before = ',"is_before":true' if is_before else ""
    return f'{{{ends}{before},"tracks":[{found.json}]}}\n'.encode()


def _compressed(lines: Iterator[bytes]) -> Iterator[bytes]:
    """One gzip stream, of which every piece can be read when it comes."""
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for line in lines:
        yield compressor.compress(line) + compressor.flush(zlib.Z_SYNC_FLUSH)
    yield compressor.flush()


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
