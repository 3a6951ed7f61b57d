"""How Valkey is doing: what `harbor doctor` asks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harbor.live.client import Script, Valkey

_ASK = Script("""
return {redis.call('INFO', 'server'), redis.call('INFO', 'memory'), redis.call('TIME')}
""")


@dataclass(frozen=True, slots=True)
class ValkeyCondition:
    """Which server it is, what it does when full, and its clock."""

    product: str
    version: str
    maxmemory_policy: str
    now: datetime


def ask(valkey: Valkey) -> ValkeyCondition:
    """Raises Unavailable."""
    server, memory, (seconds, microseconds) = valkey.run(_ASK, [], [])
    facts = read_info(server.decode() + memory.decode())
    is_valkey = "valkey_version" in facts
    return ValkeyCondition(
        product="Valkey" if is_valkey else "Redis",
        version=facts.get("valkey_version" if is_valkey else "redis_version", "unknown"),
        maxmemory_policy=facts.get("maxmemory_policy", "unknown"),
        now=datetime.fromtimestamp(int(seconds), UTC)
        + timedelta(microseconds=int(microseconds)),
    )


def read_info(text: str) -> dict[str, str]:
    """INFO's lines `name:value`; headings begin with #."""
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value for name, separator, value in lines if separator}
