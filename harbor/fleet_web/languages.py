"""Choosing a language, and the words of the pages' scripts in it."""

from flask import Response, abort, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.login import safe_next
from harbor.words import COOKIE, LANGUAGES, catalogue

YEAR_SECONDS = 365 * 24 * 3600
FOR_EVER = f"public, max-age={YEAR_SECONDS}, immutable"


@bp.get("/words/<language>.json")
def words(language: str) -> Response:
    """English text to translation; kept for ever by the version that stands in the address."""
    if language not in LANGUAGES:
        abort(404)
    ours = catalogue(language)
    response = make_response(ours.for_scripts)
    response.mimetype = "application/json"
    # Another version than ours: an upgrade is under way, and nobody may keep what we have.
    is_asked = request.args.get("v") == ours.version
    response.headers["Cache-Control"] = FOR_EVER if is_asked else "no-cache"
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
