"""The two programs in C that the bench brings along, compiled where it runs."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "peers"
COMPILE = ("-O2", "-std=gnu11", "-Wall", "-Wextra")
COMPILE_SECONDS = 60


class Missing(Exception):
    """What the bench needs is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The load client, and the bare broadcaster."""

    load: Path
    broadcaster: Path


def compiled(directory: Path) -> Programs:
    """Raises Missing without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("The load client is in C and there is no `cc`: install gcc or clang.")
    directory.mkdir(parents=True, exist_ok=True)
    parts = {"load": sorted((SOURCES / "load").glob("*.c"))}
    parts["broadcaster"] = [SOURCES / "broadcaster.c"]
    for name, sources in parts.items():
        command = [compiler, *COMPILE, "-o", str(directory / name), *map(str, sources)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False
        )
        if done.returncode:
            raise Missing(f"`cc` could not compile {name}:\n{done.stderr[-2000:]}")
    return Programs(directory / "load", directory / "broadcaster")


def nginx() -> Path | None:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def nchan_modules() -> Path | None:
    """Where nginx keeps its modules, if nchan is among them."""
    program = nginx()
    if program is None:
        return None
    said = subprocess.run(
        [program, "-V"], capture_output=True, text=True, timeout=10, check=False
    )
    for word in said.stderr.split():
        if word.startswith("--modules-path="):
            modules = Path(word.partition("=")[2])
            return modules if (modules / "ngx_nchan_module.so").exists() else None
    return None


def version_of_nginx() -> str | None:
    program = nginx()
    if program is None:
        return None
    said = subprocess.run(
        [program, "-v"], capture_output=True, text=True, timeout=10, check=False
    )
    return said.stderr.strip().removeprefix("nginx version: ")
