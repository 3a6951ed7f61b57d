"""Limits on how often somebody may ask, on Valkey, with an own count when it is away."""

from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from time import time
from typing import Any

from flask import Flask, Response, current_app, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter

from harbor.config import Settings

MINUTES_OF_LOGIN = 5


def who() -> str:
    """The key's id where one was presented and checked, else the address."""
    return str(g.get("rate_key") or get_remote_address())


limiter = Limiter(key_func=who, strategy="moving-window")


def install(app: Flask, settings: Settings, storage_options: Mapping[str, Any]) -> None:
    """Share counts through Valkey; without it each worker allows its part of the limit."""
    share = ceil(settings.api_rate_per_minute / (settings.workers * settings.instances))
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.valkey_url.get_secret_value(),
        RATELIMIT_STORAGE_OPTIONS={**storage_options, "wrap_exceptions": True},
        RATELIMIT_KEY_PREFIX="harbor",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # Of requests that find Valkey gone together, Flask-Limiter lets only the first fall
        # back and raises in the others: those pass uncounted.
        RATELIMIT_SWALLOW_ERRORS=True,
        HARBOR_API_LIMIT=f"{settings.api_rate_per_minute} per minute",
        HARBOR_API_SHARE=f"{share} per minute",
    )
    limiter.init_app(app)
    app.extensions["harbor_login_throttle"] = Throttle(
        RateLimitItemPerMinute(settings.login_attempts_per_5_minutes, MINUTES_OF_LOGIN),
        RedisStorage(
            settings.valkey_url.get_secret_value(), wrap_exceptions=True, **storage_options
        ),
    )


class Throttle:
    """Counts attempts under several keys: shared through Valkey, by this worker without."""

    def __init__(self, item: RateLimitItem, storage: Storage) -> None:
        self._item = item
        self._shared = MovingWindowRateLimiter(storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())

    def attempt(self, *keys: str) -> int:
        """Count one attempt under every key; 0, or the seconds to wait when one is full.

        Counted before anything is checked, so that many at once are no way round.
        """
        waits = []
        for key in keys:
            own = self._hit(self._own, key)
            try:
                waits.append(self._hit(self._shared, key))
            except StorageError:
                waits.append(own)
        return max(waits)

    def forget(self, *keys: str) -> None:
        """A success ends the count."""
        for key in keys:
            self._own.clear(self._item, "login", key)
            with suppress(StorageError):  # then it ends by itself
                self._shared.clear(self._item, "login", key)

    def _hit(self, counts: MovingWindowRateLimiter, key: str) -> int:
        if counts.hit(self._item, "login", key):
            return 0
        reset_at = counts.get_window_stats(self._item, "login", key).reset_time
        return max(1, ceil(reset_at - time()))


def login_throttle() -> Throttle:
    """The throttle of the current application."""
    throttle: Throttle = current_app.extensions["harbor_login_throttle"]
    return throttle


def api_limit() -> str:
    """So many requests a minute per key; this worker's share of them without Valkey.

    Flask-Limiter's own list of fallback limits would hold for every route, and turn
    trackers away while a partner asks.
    """
    is_alone = limiter._storage_dead
    return str(current_app.config["HARBOR_API_SHARE" if is_alone else "HARBOR_API_LIMIT"])


def describe(response: Response) -> None:
    """RateLimit and RateLimit-Policy (IETF httpapi draft 10), Retry-After on 429."""
    current = limiter.current_limit
    if current is None:
        return
    quota, window_s = current.limit.amount, current.limit.get_expiry()
    response.headers["RateLimit-Policy"] = f'"default";q={quota};w={window_s}'
    try:
        wait_s = min(window_s, max(0, ceil(current.reset_at - time())))
        response.headers["RateLimit"] = f'"default";r={max(0, current.remaining)};t={wait_s}'
    except StorageError:
        wait_s = window_s  # Valkey went away after it had counted this request
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(1, wait_s))
