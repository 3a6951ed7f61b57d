"""Broken on purpose: takes a second confirmation of its subscription for nothing special."""

import harbor


def create_app():
    app = harbor.create_app()
    subscriber = app.extensions["harbor"].subscriber
    catch_up = subscriber._confirmed
    confirmed = set()

    def confirmed_without_doubt(source):
        if source in confirmed:
            source.hub.degrade(False)
            return
        confirmed.add(source)
        catch_up(source)

    subscriber._confirmed = confirmed_without_doubt
    return app
