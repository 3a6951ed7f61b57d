"""Harbor Fleet: signed pings in, a moving map and a resumable feed out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from harbor.config import Settings


def create_app(config: "Settings | None" = None) -> "Flask":
    """Build the application; settings come from the environment unless they are handed in.

    Imported here, not above: gunicorn's master loads `harbor.ops.logs` and must not hold
    on to the rest, or workers would keep running old code after a reload. Raises
    Misconfigured.
    """
    from harbor.application import build
    from harbor.environments import load

    return build(config or load())
