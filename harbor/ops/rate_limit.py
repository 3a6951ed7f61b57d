"""Limits on how often somebody may ask, on Valkey, with an own count when it is away."""

from collections.abc import Callable, Mapping
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
        RATELIMIT_STORAGE_OPTIONS=dict(storage_options),
        RATELIMIT_KEY_PREFIX="harbor",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK=f"{share} per minute",
        HARBOR_API_LIMIT=f"{settings.api_rate_per_minute} per minute",
    )
    limiter.init_app(app)
    app.extensions["harbor_login_throttle"] = Throttle(
        RateLimitItemPerMinute(settings.login_attempts_per_5_minutes, MINUTES_OF_LOGIN),
        RedisStorage(
            settings.valkey_url.get_secret_value(), wrap_exceptions=True, **storage_options
        ),
    )


class Throttle:
    """Counts failures under several keys: shared through Valkey, by this worker without."""

    def __init__(self, item: RateLimitItem, storage: Storage) -> None:
        self._item = item
        self._shared = MovingWindowRateLimiter(storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, *keys: str) -> int:
        """Seconds until the next try is allowed under every key; 0: now."""
        return max(self._ask(self._wait_s, key) for key in keys)

    def count(self, *keys: str) -> None:
        """One more failure under each key; always in this worker's own count as well."""
        for key in keys:
            self._own.hit(self._item, "login", key)
            with suppress(StorageError):  # then this worker's own count stands
                self._shared.hit(self._item, "login", key)

    def _wait_s(self, counts: MovingWindowRateLimiter, key: str) -> int:
        if counts.test(self._item, "login", key):
            return 0
        reset_at = counts.get_window_stats(self._item, "login", key).reset_time
        return max(1, ceil(reset_at - time()))

    def _ask(self, question: Callable[[MovingWindowRateLimiter, str], int], key: str) -> int:
        try:
            return question(self._shared, key)
        except StorageError:
            return question(self._own, key)


def login_throttle() -> Throttle:
    """The throttle of the current application."""
    throttle: Throttle = current_app.extensions["harbor_login_throttle"]
    return throttle


def api_limit() -> str:
    """So many requests a minute per key."""
    return str(current_app.config["HARBOR_API_LIMIT"])


def describe(response: Response) -> None:
    """RateLimit and RateLimit-Policy (IETF httpapi draft 10), Retry-After on 429."""
    current = limiter.current_limit
    if current is None:
        return
    quota, window_s = current.limit.amount, current.limit.get_expiry()
    wait_s = min(window_s, max(0, ceil(current.reset_at - time())))
    response.headers["RateLimit-Policy"] = f'"default";q={quota};w={window_s}'
    response.headers["RateLimit"] = f'"default";r={max(0, current.remaining)};t={wait_s}'
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(1, wait_s))
