"""POST /api/v1/positions, as the application sees it: the path and its methods."""

from typing import NoReturn

from flask import request

from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.webhook import FAULT


@bp.post("/positions")
def post_positions() -> NoReturn:
    """The webhook has answered already, except where something of ours broke."""
    fault: Exception = request.environ[FAULT]
    raise fault
