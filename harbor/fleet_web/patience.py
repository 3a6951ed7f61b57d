"""How long an answer that is sent in pieces waits for a reader who does not take them."""

from flask import Response, request


def limit_waiting(response: Response, piece_seconds_max: float) -> None:
    """Writing to a reader that has stopped must not keep its greenlet for ever."""
    client = request.environ.get("gunicorn.socket")
    if client is None:
        return
    usual_s = client.gettimeout()
    client.settimeout(piece_seconds_max)
    response.call_on_close(lambda: client.settimeout(usual_s))
