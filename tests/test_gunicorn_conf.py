"""gunicorn.conf.py by itself, in a process of its own: it patches the one that reads it."""

import os
import subprocess
import sys

MASTER = """
import os, runpy
from types import SimpleNamespace

def load():
    raise AssertionError("the application was loaded")

conf = runpy.run_path("gunicorn.conf.py")
app = SimpleNamespace(wsgi=load, callable=None)
conf["worker_exit"](None, SimpleNamespace(pid=os.getpid() + 1, app=app))
print("nothing was loaded")
"""


def test_the_master_does_not_load_the_application_when_a_worker_is_gone(project):
    """Workers forked from it would all talk to PostgreSQL on one connection.

    gevent reaps children by itself, so that gunicorn finds some of them gone at a reload.
    """
    done = subprocess.run(
        [sys.executable, "-c", MASTER],
        cwd=project,
        env=os.environ | {"HARBOR_ENV": "testing"},
        capture_output=True,
        text=True,
        timeout=20,
    )

    assert done.stdout == "nothing was loaded\n", done.stderr
