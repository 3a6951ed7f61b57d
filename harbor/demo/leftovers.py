"""Servers that a killed run left behind: found by what they are and where they work."""

import contextlib
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

POLL_S = 0.02
PATIENCE_S = 3.0


def end_leftovers(
    program: str, directories: Sequence[Path], politely: signal.Signals, *, spared: int | None
) -> None:
    """End every process of that name that works in one of the directories.

    Only its name *and* its working directory make a process ours: the process id in a
    file may be anybody's by now.
    """
    found = [process for process in _processes(program, directories) if process.pid != spared]
    mains = [process for process in found if _is_main(process)]
    for number, processes in ((politely, mains), (signal.SIGKILL, found)):
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)
        _wait_for(processes)


def _processes(program: str, directories: Sequence[Path]) -> list[psutil.Process]:
    wanted = {str(directory.resolve()) for directory in directories}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() == program and process.cwd() in wanted:
                found.append(process)
    return found


def _wait_for(processes: Sequence[psutil.Process]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any(_is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _is_alive(process: psutil.Process) -> bool:
    # In a container, nobody may ever bury an orphan: a zombie is as good as gone.
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _is_main(process: psutil.Process) -> bool:
    """PostgreSQL's children call themselves `postgres: what they do`."""
    try:
        return not " ".join(process.cmdline()).startswith("postgres: ")
    except psutil.Error:
        return False
