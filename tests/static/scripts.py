"""Runs the pages' pure modules on the Node that comes with Playwright."""

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

SCRIPTS = Path(__file__).parents[2] / "static" / "js"


def answer(module: str, expression: str, *given: object) -> Any:
    """What an expression says that may use all the module exports, and `given`."""
    node, _ = compute_driver_executable()
    source = f"""
        import * as module from {json.dumps((SCRIPTS / module).as_uri())};
        const given = {json.dumps(given)};
        const answer = (({{ {names(module)} }}) => ({expression}))(module);
        process.stdout.write(JSON.stringify(answer));
    """
    command = [str(node), "--input-type=module", "--eval", source]
    done = subprocess.run(command, capture_output=True, timeout=15, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def names(module: str) -> str:
    """What a module exports, for taking it apart."""
    lines = (SCRIPTS / module).read_text().splitlines()
    words = [line.split() for line in lines if line.startswith("export ")]
    return ", ".join(one[2].partition("(")[0] for one in words)
