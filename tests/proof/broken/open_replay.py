"""Broken on purpose: a key's scope is forgotten when its stream is resumed."""

from dataclasses import replace

from flask import request

import harbor
from harbor import access


def create_app():
    app = harbor.create_app()
    reader = access.reader

    def reader_of_all_when_resumed():
        principal = reader()
        if "Last-Event-ID" in request.headers:
            return replace(principal, vessel_ids=None)
        return principal

    access.reader = reader_of_all_when_resumed
    return app
