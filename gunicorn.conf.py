"""How gunicorn runs Harbor: gevent workers, patched before anything else is imported."""

# ruff: noqa: E402 - the order of imports is the point
from gevent import monkey

monkey.patch_all()

import os
from math import ceil
from typing import TYPE_CHECKING, Any

from harbor.environments import load
from harbor.ops import logs, metrics_folder

if TYPE_CHECKING:
    from gunicorn.workers.base import Worker

settings = load()
if settings.metrics_bind:  # before anything imports the Prometheus client
    metrics_folder.open_folder()

wsgi_app = "harbor:create_app()"
worker_class = "gevent"
bind = [address for address in (settings.bind, settings.metrics_bind) if address]
workers = settings.workers
worker_connections = settings.worker_connections
preload_app = False  # engines and clients are made after the fork
timeout = 30
graceful_timeout = ceil(settings.drain_s) + 5  # for who does not read, or keeps a line open
keepalive = 5
forwarded_allow_ips = settings.forwarded_allow_ips
control_socket_disable = not settings.control_socket
if settings.control_socket:
    control_socket = settings.control_socket
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeat file
accesslog = "-"
logger_class = "harbor.ops.access_log.AccessLogger"
logconfig_dict = logs.logging_config(settings.log_level)

DRAIN_LOOK_SECONDS = 0.2


def post_fork(server: Any, worker: "Worker") -> None:
    """Before the application is loaded: psycopg2 lets other greenlets run."""
    from harbor.store.database import wait_in_gevent

    wait_in_gevent(settings.database_timeout_s)


def post_worker_init(worker: "Worker") -> None:
    """Start the worker's services, and watch for the order to leave.

    Without the watch a worker with an open stream waits for it until it is killed.
    """
    import gevent

    application: Any = worker.app.wsgi()
    runtime = application.extensions["harbor"]
    runtime.make_room()
    runtime.start()

    def watch() -> None:
        while worker.alive:
            gevent.sleep(DRAIN_LOOK_SECONDS)
        runtime.leave()

    gevent.spawn(watch)


def child_exit(server: Any, worker: "Worker") -> None:
    """In the master, of every child that it sees go."""
    metrics_folder.forget_worker(int(worker.pid))


def on_exit(server: Any) -> None:
    metrics_folder.remove_folder()


def worker_exit(server: Any, worker: "Worker") -> None:
    """Requests are done; the streams, which gunicorn does not see, get their time too.

    `callable`, because `wsgi()` would load the application: in a worker that just failed to,
    or in the master, which calls this for a worker that is gone already.
    """
    application: Any = worker.app.callable
    if application is None:
        # gevent reaped it: there is no `child_exit`.
        metrics_folder.forget_worker(int(worker.pid))
        return
    runtime = application.extensions["harbor"]
    if not runtime.is_leaving:  # nobody told it to go: it lost a service
        runtime.leave()
    runtime.wait_for_streams(settings.drain_s + 1)
    metrics_folder.forget_worker(int(worker.pid))
