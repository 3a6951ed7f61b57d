"""The connection to Valkey: every time-out set, no retries, a breaker in front.

redis-py's defaults block one call for 59 s when the server hangs (5 s × 11 tries).
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, ParamSpec, TypeVar

import structlog
from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script as RedisScript
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from harbor.errors import Unavailable

log = structlog.get_logger()
P = ParamSpec("P")
T = TypeVar("T")

FAILURES_BEFORE_OPEN = 3
OPEN_SECONDS = 2.0


class Refuses(Unavailable):
    """Valkey answers, but not this: read-only, out of memory, or it can't save."""


def connect(url: str, timeout_s: float) -> "Redis":
    """A client whose every call ends within about twice `timeout_s`."""
    pool = BlockingConnectionPool.from_url(
        url, protocol=2, max_connections=32, timeout=timeout_s, **manners(timeout_s)
    )
    return Redis(connection_pool=pool)


def dial(url: str, timeout_s: float) -> Any:
    """A redis-py connection outside any pool, made and authenticated. Raises RedisError."""
    pool = ConnectionPool.from_url(url, protocol=2, **manners(timeout_s))
    connection: Any = pool.connection_class(**pool.connection_kwargs)
    connection.connect()
    return connection


def manners(timeout_s: float) -> dict[str, Any]:
    """Options with which a redis-py client neither hangs nor tries again by itself."""
    return {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
    }


class Breaker:
    """After three failures in a row, refuses calls for two seconds, then lets one try."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_at = 0.0
        self._is_refused = False

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES_BEFORE_OPEN and self._clock() < self._closed_at

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises Unavailable when Valkey is away or refuses this, or did so a moment ago."""
        if self.is_open:
            raise self._reason()
        # Whoever comes while one tries is refused: a hung server costs one time-out, not many.
        self._closed_at = self._clock() + OPEN_SECONDS
        try:
            result = work(*args, **kwargs)
        except RedisError as error:
            self._failures += 1
            self._closed_at = self._clock() + OPEN_SECONDS
            if self._failures == FAILURES_BEFORE_OPEN:
                log.warning("valkey.away", error=str(error))
            self._is_refused = isinstance(error, ResponseError)
            raise self._reason() from error
        if self._failures >= FAILURES_BEFORE_OPEN:
            log.info("valkey.back")
        self._failures = 0
        return result

    def _reason(self) -> Unavailable:
        if self._is_refused:
            return Refuses("Valkey refuses what it was asked.")
        return Unavailable("Valkey is away.")


class Valkey:
    """A Redis client behind a breaker."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url
        self.timeout_s = timeout_s
        self._redis = connect(url, timeout_s)
        self.breaker = Breaker()

    def run(self, script: "Script", keys: list[str], args: list[Any]) -> Any:
        """Call a Lua script; raises Unavailable."""
        return self.breaker.call(script.run, self._redis, keys, args)

    def close(self) -> None:
        self._redis.close()
        self._redis.connection_pool.disconnect()

    def is_reachable(self) -> bool:
        try:
            return bool(self.breaker.call(self._redis.ping))
        except Unavailable:
            return False


class Script:
    """A Lua script that is sent once per server and then called by its hash."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hashed: RedisScript | None = None

    def run(self, redis: "Redis", keys: list[str], args: list[Any]) -> Any:
        if self._hashed is None:
            self._hashed = redis.register_script(self._source)
        return self._hashed(keys=keys, args=args, client=redis)
