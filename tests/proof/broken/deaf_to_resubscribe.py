"""Broken on purpose: takes a second confirmation of its subscription for nothing special."""

import harbor


def create_app():
    app = harbor.create_app()
    subscriber = app.extensions["harbor"].subscriber
    handle = subscriber._handle
    confirmed = set()

    def handle_without_doubt(message):
        channel = message["channel"]
        if message["type"] == "subscribe" and channel in confirmed:
            subscriber._sources[channel].hub.degrade(False)
            return
        confirmed.add(channel)
        handle(message)

    subscriber._handle = handle_without_doubt
    return app
