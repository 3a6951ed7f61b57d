"""Broken on purpose: answers 201 first and commits afterwards, as a queue in memory does."""

from contextlib import suppress

import gevent

import harbor
from harbor.errors import Unavailable
from harbor.ingest.writer import Fate, Outcome


def create_app():
    app = harbor.create_app()
    writer = app.extensions["harbor"].writer
    commit = writer.write

    def commit_later(reports, received_at):
        with suppress(Unavailable):  # the bug: nobody is left to be told
            commit(reports, received_at)

    def answer_first(reports, received_at):
        gevent.spawn(commit_later, reports, received_at)
        return [Outcome(Fate.STORED) for _ in reports]

    writer.write = answer_first
    return app
