"""Broken on purpose: who resumes gets what follows the event after the last one it knew."""

import harbor

HEADER = "HTTP_LAST_EVENT_ID"


def create_app():
    app = harbor.create_app()
    answer = app.wsgi_app

    def answer_one_too_late(environ, start_response):
        epoch, dash, number = environ.get(HEADER, "").rpartition("-")
        if dash:
            environ[HEADER] = f"{epoch}-{int(number) + 1}"
        return answer(environ, start_response)

    app.wsgi_app = answer_one_too_late
    return app
