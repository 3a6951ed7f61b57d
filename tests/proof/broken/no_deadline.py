"""Broken on purpose: waits for PostgreSQL for ever (psycogreen's own wait callback)."""

import psycopg2.extensions
from psycogreen.gevent import gevent_wait_callback

import harbor


def create_app():
    app = harbor.create_app()
    # gunicorn.conf.py has set ours, with its time-out, when the worker was forked.
    psycopg2.extensions.set_wait_callback(gevent_wait_callback)
    return app
