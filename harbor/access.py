"""Who is asking: a person with a session, or a partner with a key.

What comes out are frozen values: nothing here keeps a session, a row or a request alive.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Literal
from uuid import UUID

from flask import g, request, session
from flask_login import LoginManager, UserMixin, current_user

from harbor.errors import Unauthenticated, Unavailable
from harbor.fleet.api_key import is_well_formed
from harbor.fleet.identity import harbor_id
from harbor.runtime import CachedKey, Runtime, running
from harbor.store import api_keys, users
from harbor.store.api_keys import KeyRecord
from harbor.store.users import UserRecord

KEY_CACHE_SECONDS = 4.0
"""A revoked key works no longer than this in any worker."""
LAST_USED_SECONDS = 60.0
SIGNED_IN_AT = "signed_in_at"
EXPECTED_USER = "Harbor-User"
"""The person for whom a page was made says it with this header: a cookie is shared by all
tabs of a browser, and the next person's feed must not flow into a page of the last one."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who may read: `vessel_ids` None means every vessel of the fleet."""

    kind: Literal["user", "key"]
    id: UUID
    fleet_id: UUID
    vessel_ids: frozenset[UUID] | None = None

    def may_see(self, vessel_id: UUID) -> bool:
        return self.vessel_ids is None or vessel_id in self.vessel_ids


class Dispatcher(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A signed-in person, as Flask-Login wants one."""

    def __init__(self, record: UserRecord) -> None:
        self.record = record
        self.username = record.username

    def get_id(self) -> str:
        """Ends with the epoch, so that raising it makes every cookie worthless."""
        return session_id(self.record)


def session_id(record: UserRecord) -> str:
    return f"{record.id}.{record.session_epoch}"


login_manager = LoginManager()
login_manager.login_view = "fleet_web.login"
login_manager.session_protection = None  # our own checks below; addresses change at sea


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_dispatcher(given: str) -> Dispatcher | None:
    """The person behind a cookie, or None when it does not count any more."""
    if g.get("is_session_unknown"):
        return None  # the page that says so asks once more
    try:
        record = _valid_user(running(), given, session.get(SIGNED_IN_AT, 0.0))
    except Unavailable:
        g.is_session_unknown = True
        raise
    return None if record is None else Dispatcher(record)


def _valid_user(runtime: Runtime, given: str, signed_in_at: float) -> UserRecord | None:
    user_id = harbor_id(given.partition(".")[0])
    signed_in_for = runtime.clock().timestamp() - signed_in_at
    if user_id is None or signed_in_for > runtime.settings.session_hours_max * 3600:
        return None
    with runtime.database.session() as work:
        record = users.by_id(work, user_id)
    if record is None or record.disabled_at is not None or session_id(record) != given:
        return None
    return record


def reader() -> Principal:
    """A partner's key, else a dispatcher's session. Raises Unauthenticated."""
    if "Authorization" in request.headers:
        return key_holder()
    return dispatcher()


def dispatcher() -> Principal:
    if not current_user.is_authenticated:
        raise Unauthenticated("Log in, or send an API key: Authorization: Bearer hbf_live_…")
    record: UserRecord = current_user.record
    if request.headers.get(EXPECTED_USER, str(record.id)) != str(record.id):
        raise Unauthenticated("Somebody else has logged in since this page was made.")
    return Principal("user", record.id, record.fleet_id)


def key_holder() -> Principal:
    """The partner behind `Authorization: Bearer`. Raises Unauthenticated."""
    if "principal" not in g:
        g.principal = partner(running(), request.headers.get("Authorization", ""))
        g.rate_key = f"key:{g.principal.id}"
    principal: Principal = g.principal
    return principal


def partner(runtime: Runtime, authorization: str) -> Principal:
    """The partner behind an Authorization header; needs no request. Raises Unauthenticated."""
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not is_well_formed(key.strip()):
        raise Unauthenticated("Send a valid API key: Authorization: Bearer hbf_live_…")
    record = _key_record(runtime, key.strip())
    if record is None or not record.is_valid(runtime.clock()):
        raise Unauthenticated("This API key is unknown, expired or revoked.")
    return Principal("key", record.id, record.fleet_id, record.vessel_ids)


_CACHE_KEYS_MAX = 10_000


def _key_record(runtime: Runtime, key: str) -> KeyRecord | None:
    """Read at most every few seconds, and once for all who come together.

    Raises Unavailable rather than trusting an old one.
    """
    digest = hashlib.sha256(key.encode()).digest()
    cache = runtime.key_cache
    now = monotonic()
    cached = cache.get(digest)
    if cached is not None and now - cached.read_at < KEY_CACHE_SECONDS:
        return cached.record
    return runtime.key_readings.share(digest, lambda: _read_key(runtime, key, digest))


def _read_key(runtime: Runtime, key: str, digest: bytes) -> KeyRecord | None:
    cache = runtime.key_cache
    now, cached = monotonic(), cache.get(digest)
    used_written_at = cached.used_written_at if cached else float("-inf")
    with runtime.database.session() as work:
        record = api_keys.find(work, key)
        if record is not None and now - used_written_at > LAST_USED_SECONDS:
            api_keys.note_used(work, record.id, runtime.clock())
            used_written_at = now
    if len(cache) >= _CACHE_KEYS_MAX:
        cache.clear()
    cache[digest] = CachedKey(record, now, used_written_at)
    return record


def still_allowed(runtime: Runtime, principal: Principal) -> Callable[[], bool]:
    """A question to ask again while a stream is open; needs no request.

    Asked once for all streams of the same principal. While PostgreSQL is away the last
    answer holds for a moment; then Unavailable is raised and the stream ends: it fails closed.
    """
    if principal.kind == "key":
        scope = sorted(map(str, principal.vessel_ids or ()))
        return runtime.rights.question(
            f"{principal.id} {scope}", lambda: _key_is_valid(runtime, principal)
        )
    given, signed_in_at = current_user.get_id(), session.get(SIGNED_IN_AT, 0.0)
    return runtime.rights.question(
        f"{given}@{signed_in_at}",
        lambda: _valid_user(runtime, given, signed_in_at) is not None,
    )


def _key_is_valid(runtime: Runtime, principal: Principal) -> bool:
    with runtime.database.session() as work:
        record = api_keys.by_id(work, principal.id)
    return (
        record is not None
        and record.is_valid(runtime.clock())
        and record.vessel_ids == principal.vessel_ids
    )
