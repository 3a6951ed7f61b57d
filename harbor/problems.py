"""Errors into answers: RFC 9457 problem details for machines, a page for people.

No view builds an error answer. Which of the two it is: by blueprint, then by `Accept`.
"""

from dataclasses import dataclass, replace

import structlog
from flask import Blueprint, Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from harbor.errors import (
    Conflict,
    FieldError,
    Forbidden,
    HarborError,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from harbor.ops import error_tracking, request_id
from harbor.ops.masking import masked
from harbor.words import N_, _

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[HarborError], int, str], ...] = (
    (Malformed, 400, N_("Malformed")),
    (Unauthenticated, 401, N_("Unauthenticated")),
    (Forbidden, 403, N_("Forbidden")),
    (NotFound, 404, N_("Not found")),
    (Conflict, 409, N_("Conflict")),
    (TooLarge, 413, N_("Too large")),
    (UnsupportedMedia, 415, N_("Unsupported media")),
    (Invalid, 422, N_("Invalid")),
    (TooMany, 429, N_("Too many requests")),
    (Unavailable, 503, N_("Unavailable")),
)
MACHINES = {"fleet_api", "stream", "health"}
WERKZEUG_SAYS = (
    N_("Bad Request"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_(
        "The requested URL was not found on the server. If you entered the URL manually"
        " please check your spelling and try again."
    ),
    N_("The method is not allowed for the requested URL."),
    N_("The CSRF session token is missing."),
    N_("The CSRF token has expired."),
)
"""What people meet of the framework's own words; here only to be translated."""


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457 problem details, with the fields that were refused and the request's id."""

    status: int
    title: str
    detail: str
    request_id: str
    fields: tuple[FieldError, ...] = ()
    retry_after_s: int | None = None

    def document(self) -> dict[str, object]:
        document: dict[str, object] = {
            "type": f"/problems#{self.title.lower().replace(' ', '-')}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": self.request_id,
        }
        if self.fields:
            document["errors"] = [
                {"pointer": field.pointer, "code": field.code, "detail": field.detail}
                for field in self.fields
            ]
        return document

    def headers(self) -> dict[str, str]:
        """What goes with it, besides its media type."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="Harbor Fleet"'
        return headers


def problem_of(error: HarborError) -> Problem:
    """What Harbor refused on purpose; raises the error again when it is a fault of ours."""
    for kind, status, title in STATUS:
        if isinstance(error, kind):
            return Problem(
                status,
                title,
                str(error),
                request_id.current(),
                fields=getattr(error, "fields", ()),
                retry_after_s=getattr(error, "retry_after_s", None),
            )
    raise error


def install(app: Flask) -> None:
    """Handle everything that a view may raise."""
    app.register_error_handler(HarborError, answer_harbor_error)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(Exception, answer_unexpected)


bp = Blueprint("problems", __name__)


@bp.get("/problems")
def problems_page() -> str:
    """What each `type` of a problem document means."""
    return render_template("problems.html", kinds=[kind_of(row) for row in STATUS])


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the page that the `type` members point to."""

    status: int
    title: str
    meaning: str


def kind_of(row: tuple[type[HarborError], int, str]) -> Kind:
    error, status, title = row
    return Kind(status, title, (error.__doc__ or "").partition("\n")[0])


def answer_harbor_error(error: HarborError) -> Response:
    """What Harbor refused on purpose."""
    try:
        return answer(problem_of(error))
    except HarborError:
        return answer_unexpected(error)


def answer_http_exception(error: HTTPException) -> Response:
    """What Flask refused: unknown path, wrong method, missing form token."""
    given = error.get_response()
    if error.code is None or error.code < 400:
        return make_response(given)
    problem = Problem(
        error.code, error.name, error.description or error.name, request_id.current()
    )
    response = answer(problem)
    for name in ("Allow", "Retry-After"):
        if name in given.headers:
            response.headers[name] = given.headers[name]
    return response


def answer_unexpected(error: Exception) -> Response:
    """A fault of ours: the whole story in the log, none of it in the answer."""
    log.error("request.failed", path=masked(request.path), exc_info=error)
    error_tracking.report(error)
    detail = N_("Something went wrong on our side. The request id helps us find it.")
    return answer(Problem(500, N_("Internal error"), detail, request_id.current()))


def answer(problem: Problem) -> Response:
    if wants_machine_answer():
        response = make_response(problem.document())
        response.mimetype = MEDIA_TYPE
    else:
        response = make_response(render_template("problem.html", problem=in_words(problem)))
    response.status_code = problem.status
    response.headers.update(problem.headers())
    return response


def in_words(problem: Problem) -> Problem:
    """As the reader of a page wants it; machines get English."""
    return replace(problem, title=_(problem.title), detail=_(problem.detail))


def wants_machine_answer() -> bool:
    """By blueprint, then by path (an unknown one has no blueprint), then by Accept."""
    if request.blueprint in MACHINES or request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if request.blueprint == "fleet_web":
        # The pages' own scripts ask for JSON; whoever asks for nothing there is a person.
        return best == "application/json"
    return best != "text/html"
