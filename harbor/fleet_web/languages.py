"""Choosing a language, and the words of the pages' scripts in it."""

from flask import Response, abort, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.login import safe_next
from harbor.words import COOKIE, LANGUAGES, catalogue

YEAR_SECONDS = 365 * 24 * 3600


@bp.get("/words/<language>.json")
def words(language: str) -> Response:
    """English text to translation; the address carries a version, so it never grows old."""
    if language not in LANGUAGES:
        abort(404)
    response = make_response(catalogue(language).for_scripts)
    response.mimetype = "application/json"
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@bp.post("/language")
def choose_language() -> AnyResponse:
    """Remember the language for this browser, and go back to where the reader was."""
    chosen = request.form.get("language", "")
    response = redirect(safe_next(request.form.get("next", "")), 303)
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure
        )
    return response
