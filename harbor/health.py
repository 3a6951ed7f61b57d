"""Blueprint /health and /ready: asks the servers how they are; says little."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, make_response

from harbor.runtime import running
from harbor.store.database import is_reachable
from harbor.store.migrations import is_at_head

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> Response:
    """200 while this process answers and reaches PostgreSQL, else 503."""
    database = is_reachable(running().database)
    document = {
        "status": "up" if database else "down",
        "process": "up",
        "database": "up" if database else "down",
    }
    return _answer(document, is_good=database)


@bp.get("/ready")
def ready() -> Response:
    """200 when requests may come: database reached, migrations at head, not leaving.

    Without Valkey Harbor serves on (from PostgreSQL), so that alone is no reason to say no;
    nor are secrets that the master key does not open: their trackers get 503 and wait.
    """
    runtime = running()
    database = is_reachable(runtime.database)
    migrated = database and is_at_head(runtime.database)
    document = {
        "status": "ready" if migrated and not runtime.is_leaving else "not ready",
        "database": "up" if database else "down",
        "migrations": "at head" if migrated else "not at head",
        "valkey": "up" if runtime.valkey.is_reachable() else "down",
        "leaving": runtime.is_leaving,
        "unreadable_trackers": runtime.directory.contents().unreadable if migrated else None,
    }
    return _answer(document, is_good=migrated and not runtime.is_leaving)


def _answer(document: Mapping[str, object], *, is_good: bool) -> Response:
    response = make_response(jsonify(document), 200 if is_good else 503)
    response.headers["Cache-Control"] = "no-store"
    return response
