"""POST /api/v1/positions: the trackers' webhook, as the application sees it."""

from typing import NoReturn

from flask import request

from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.webhook import REFUSAL


@bp.post("/positions")
def post_positions() -> NoReturn:
    """What the webhook refused: it answers good messages before they come here."""
    refusal: Exception = request.environ[REFUSAL]
    raise refusal
