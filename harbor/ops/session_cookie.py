"""The session's cookie goes with what was made for one person, never with what all may keep."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class PersonalCookie(SecureCookieSessionInterface):
    """Renews the session with every answer but files and words.

    Those are kept for a year, and on the way too: a cache would give one person's session to
    the next. And `Vary: Cookie` makes a browser ask for all of them again, because the cookie
    changes with every answer.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static" and not response.cache_control.public:
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    app.session_interface = PersonalCookie()
