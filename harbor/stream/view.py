"""Blueprint /stream: authorises, leaves its decision, and is the fallback.

`harbor.stream.hand_over` carries the decision out where there is a plain socket.
"""

from flask import Blueprint, Response, request

from harbor import access
from harbor.errors import TooMany, Unavailable
from harbor.live.subscription import turned_away
from harbor.ops import request_id
from harbor.runtime import running
from harbor.stream.decision import Leaving, Question, decide
from harbor.stream.hand_over import DECISION, FAULT, HEADERS, PATH

bp = Blueprint("stream", __name__)


@bp.get(PATH)
def stream() -> Response:
    """The feed as text/event-stream: a snapshot, or what was missed; then what happens."""
    if FAULT in request.environ:  # a program's, from before Flask was asked
        raise request.environ[FAULT]
    principal = access.reader()
    question = Question(
        request.args,
        request.headers.get("Last-Event-ID"),
        request.remote_addr or "",
        request_id.current(),
    )
    try:
        decision = decide(running(), principal, question)
    except Leaving:
        return Response(turned_away("leaving"), headers=HEADERS)
    except (Unavailable, TooMany):
        if principal.kind == "key":
            raise
        # A browser's EventSource gives up for good on any status but 200.
        return Response(turned_away("full"), headers=HEADERS)
    request.environ[DECISION] = decision
    response = Response(decision.frames(), headers=HEADERS)
    response.call_on_close(decision.visit.abandon)
    return response
