"""How many files and sockets this process may hold: every stream is one."""

import resource

SPARE = 200
"""For the log, PostgreSQL, Valkey and the modules."""


def room_for(wanted: int, beside: int) -> int:
    """So many of `wanted` sockets fit beside `beside` others; asks for all that it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = wanted + beside + SPARE
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(1, min(wanted, hard - beside - SPARE))
