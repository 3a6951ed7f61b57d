"""What gunicorn does with our workers, as an operator's log shows it."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

CONFIGURATION = Path(__file__).parents[1] / "gunicorn.conf.py"
BROKEN = """
def make():
    print("loaded", flush=True)
    raise RuntimeError("it can't be")
"""


def test_an_application_that_cannot_be_loaded_is_loaded_once(tmp_path):
    (tmp_path / "broken.py").write_text(BROKEN)

    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "broken:make()"],
        cwd=tmp_path,
        env=os.environ
        | {
            "HARBOR_ENV": "development",
            "HARBOR_BIND": "127.0.0.1:0",
            "HARBOR_WORKERS": "1",
            "HARBOR_SECRET_KEY": secrets.token_hex(32),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3, done.stderr
    assert done.stdout.count(b"loaded") == 1
