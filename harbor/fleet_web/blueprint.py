"""The blueprint of the pages, and where a path without one leads."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

bp = Blueprint("fleet_web", __name__)


@bp.get("/")
def home() -> Response:
    return redirect(url_for("fleet_web.fleet_map"))
