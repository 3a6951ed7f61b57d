"""Broken on purpose: when more than a few batches wait to be published, drops the new one."""

import harbor

BATCHES_WAITING_MAX = 3


def create_app():
    app = harbor.create_app()
    runtime = app.extensions["harbor"]
    publisher, writer = runtime.publisher, runtime.writer
    hand_over = publisher.hand_over

    def hand_over_or_drop(batch, received_at):
        if len(publisher._waiting) < BATCHES_WAITING_MAX:
            hand_over(batch, received_at)
        else:
            # Out of the outbox too: who drops silently has no list of what it dropped.
            publisher._published.append((batch.fleet_id, batch.outbox_id))

    writer._publish = hand_over_or_drop
    return app
