"""Gunicorn for the view that does nothing: Harbor's own settings without its services."""

# ruff: noqa: E402 - the order of imports is the point
from gevent import monkey

monkey.patch_all()

import os

from harbor.environments import load
from harbor.ops import logs

settings = load()

wsgi_app = "bench.noop:app"
worker_class = "gevent"
bind = settings.bind
workers = 1
worker_connections = settings.worker_connections
timeout = 30
graceful_timeout = 1
keepalive = 5
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
accesslog = "-"
logger_class = "harbor.ops.access_log.AccessLogger"
logconfig_dict = logs.logging_config(settings.log_level)
