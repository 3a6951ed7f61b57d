"""Broken on purpose: takes a second confirmation of its subscription for nothing special.

Nor does it ask the feed for what it missed while only the subscription is away.
"""

import harbor
from harbor.live.source import Source


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
    Source._refresh = lambda source: source._show(source._latest.read_archive())
    return app
