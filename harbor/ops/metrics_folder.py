"""The folder of files in which workers count together, from gunicorn's start to its end.

The Prometheus client finds it by a variable of the environment that must stand before the
client is imported, so nothing here imports it before that.
"""

import os
import shutil
import tempfile
from pathlib import Path

_environ = os.environ  # noqa: TID251 - the client's own variable, no setting of ours
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def open_folder() -> None:
    """For this process and those it forks; a reload goes on with the one there is.

    After gunicorn's USR2 there are two masters, of which the old one removes its own.
    """
    mark = f"harbor-metrics-{os.getpid()}-"
    if not Path(_environ.get(VARIABLE, "")).name.startswith(mark):
        _environ[VARIABLE] = tempfile.mkdtemp(prefix=mark)


def is_shared() -> bool:
    """Whether there is a folder; else a process counts for itself."""
    return VARIABLE in _environ


def forget_worker(process_id: int) -> None:
    """It has ended: what it had open counts no more, what it has counted stays."""
    if is_shared():
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(process_id)  # type: ignore[no-untyped-call]


def remove_folder() -> None:
    if is_shared():
        shutil.rmtree(_environ[VARIABLE], ignore_errors=True)
