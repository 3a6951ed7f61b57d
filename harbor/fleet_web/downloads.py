"""GET /fleet/vessels/<id>/track.<format>: a track as a file, streamed."""

from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

from flask import Response, abort
from werkzeug.http import dump_options_header

from harbor import access
from harbor.fleet.formats import FORMATS, Heading, file_name
from harbor.fleet.sources import by_name
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.hull import vessel_seen
from harbor.fleet_web.patience import limit_waiting
from harbor.fleet_web.period import period_asked
from harbor.runtime import Runtime, running
from harbor.store import standings, tracks
from harbor.store.positions import StoredPosition
from harbor.store.tracks import Place

POSITIONS_AT_ONCE = 1_000
PIECE_SECONDS_MAX = 60.0
"""A reader that does not take them for so long is let go; by satellite they take their time."""


@bp.get("/fleet/vessels/<uuid:vessel_id>/track.<suffix>")
def download_track(vessel_id: UUID, suffix: str) -> Response:
    """404 for another fleet's vessel and for a format that we don't write."""
    principal, runtime = access.dispatcher(), running()
    chosen = FORMATS.get(suffix) or abort(404)
    vessel = vessel_seen(runtime, principal, vessel_id)
    now = runtime.clock()
    period = period_asked(now)
    with runtime.database.session() as session:
        senders = by_name(standings.of_fleet(session, vessel.fleet_id))
    heading = Heading(vessel, period.start_at, period.end_at, now, senders)
    pieces = chosen.pieces(heading, pages(runtime, heading))
    response = Response(pieces, content_type=chosen.media_type)
    response.headers["Content-Disposition"] = attachment(*file_name(heading, suffix))
    limit_waiting(response, PIECE_SECONDS_MAX)
    return response


def pages(runtime: Runtime, heading: Heading) -> Iterator[list[StoredPosition]]:
    """The oldest first; a page is read, the session given back, then the page is written."""
    vessel, after = heading.vessel, None
    while True:
        with runtime.database.session() as session:
            page = tracks.track(
                session,
                vessel.fleet_id,
                vessel.id,
                heading.start_at,
                heading.end_at,
                POSITIONS_AT_ONCE,
                after,
            )
        if page:
            yield page
        if len(page) < POSITIONS_AT_ONCE:
            return
        last = page[-1].report
        after = Place(last.recorded_at, last.tracker_id)


def attachment(name: str, ascii_name: str) -> str:
    """RFC 6266: the name in the vessel's own letters, and in ASCII for old clients."""
    names = {"filename": ascii_name}
    if name != ascii_name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header("attachment", names)
