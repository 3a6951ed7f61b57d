"""The life of one server process: a port, a log, a start that is sure, an end that is.

What PostgreSQL and Valkey have in common; `services.py` says how they differ.
"""

import contextlib
import fcntl
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from harbor.demo.account import ENVIRONMENT, MYSELF, Account, launch_command
from harbor.demo.leftovers import end_leftovers
from harbor.demo.private import ServerLog, make_directory, open_private
from harbor.errors import HarborError

HOST = "127.0.0.1"
PORTS_TRIED = 100
POLL_S = 0.02


class DidNotStart(HarborError):
    """A server that the demo needs is not there; says why, in the server's own words."""


class Server(ABC):
    """A server as a child process that ends when we do, however we end.

    Start it from the main thread: Linux counts the end of the thread that started a child
    as the death of its parent, so one started elsewhere outlives a `kill -9` of ours (the
    next start on the same directory replaces it). Not for two threads at once.

    `port` is what was wished for until the first start, then the one in use, and stays
    the same over restarts. `note` is what the user should be told, mostly empty.
    """

    program: ClassVar[str]
    default_port: ClassVar[int]
    # How to ask it to end, each with its share of the time it is given.
    farewells: ClassVar[Sequence[tuple[signal.Signals, float]]]

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data.absolute()
        self.port = self.default_port if port is None else port
        self.note = ""
        self.log = ServerLog(self.data / "server.log")
        self._port_is_final = False
        self._child: subprocess.Popen[bytes] | None = None
        self._claim: int | None = None

    # What differs from server to server.

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, password included; known after the first start."""

    @property
    @abstractmethod
    def working_directory(self) -> Path:
        """The directory only this server works in: how a leftover is recognised."""

    @abstractmethod
    def _prepare(self, deadline: float) -> None:
        """Make the data directory ready; repeated at every start."""

    @abstractmethod
    def _command(self) -> list[str]:
        """How to run the server on `self.port`, in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether our server, and no other, answers on `self.port`."""

    def _account(self) -> Account:
        return MYSELF

    # The life.

    @property
    def pid(self) -> int | None:
        """The server's process while it lives (stopped by SIGSTOP counts), else None."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def is_running(self) -> bool:
        """Whether the process lives. A watch loop asks this, so the log is cut here too."""
        self.log.bound()
        return self.pid is not None

    def start(self, timeout_s: float = 30.0) -> None:
        """Return when the server answers; raise DidNotStart otherwise. Repeating is fine."""
        if self.is_running():
            return
        deadline = time.monotonic() + timeout_s
        try:
            make_directory(self.data)
            self._take_claim()
            self._prepare(deadline)
            self._end_leftovers()
            self._come_up(deadline)
        except OSError as error:
            self.stop()
            raise DidNotStart(f"{self.program}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the server, politely first. It is gone on return, even if it was stopped."""
        try:
            if self._child is not None:
                end = time.monotonic() + timeout_s
                for number, share in (*self.farewells, (signal.SIGKILL, 0.2)):
                    self._send(number)
                    # A stopped process hears nothing but SIGKILL until it goes on.
                    self._send(signal.SIGCONT)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        last = number == signal.SIGKILL
                        left_s = max(end - time.monotonic(), 1.0) if last else share * timeout_s
                        self._child.wait(left_s)
                        break
                self._child = None
                self._end_leftovers()
        finally:
            self._give_up_claim()

    def restart(self, timeout_s: float = 30.0) -> None:
        self.stop()
        self.start(timeout_s)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send any signal to the server; after SIGKILL it and its children are gone."""
        self._send(number)
        if number == signal.SIGKILL and self._child is not None:
            self._child.wait(5)
            self._end_leftovers()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # Coming up.

    def _come_up(self, deadline: float) -> None:
        wished = self.port
        for port in self._ports(deadline):
            if not self.seems_free(port):
                continue
            self.port = port
            self._child = self._spawn()
            if self._comes_to_answer(deadline):
                self._port_is_final = True
                if port != wished:
                    self._add_note(f"Port {wished} is taken: {self.program} is on {port}.")
                return
            # Taken by somebody else between our look and its bind: try on.
            if "Address already in use" not in self.log.of_this_run():
                raise DidNotStart(self._what_went_wrong())
        self.port = wished
        raise DidNotStart(f"{self.program}: port {wished} on {HOST} is taken, and no other was")

    def _ports(self, deadline: float) -> Iterable[int]:
        """The wished port, then its neighbours; once clients know it, only that one."""
        if not self._port_is_final:
            return range(self.port, min(self.port + PORTS_TRIED, 65536))
        return self._same_port(deadline)

    def _same_port(self, deadline: float) -> Iterator[int]:
        for attempt in itertools.count():
            if attempt:
                if time.monotonic() > deadline:
                    return
                time.sleep(POLL_S)
            yield self.port

    @staticmethod
    def seems_free(port: int) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the servers do: old connections that are fading away don't count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                return False
            return True

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = self._launched(self._command(), self.farewells[0][0], self.working_directory)
        log = self.log.begin()
        try:
            return subprocess.Popen(  # noqa: S603 - our own command
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C goes to the whole terminal; we alone decide the order of ends.
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _environment(self) -> Mapping[str, str]:
        """All that the server sees of the caller's environment: nothing."""
        return ENVIRONMENT

    def _launched(
        self, command: Sequence[str], at_our_death: signal.Signals, directory: Path
    ) -> list[str]:
        parent = os.getpid() if _on_main_thread() else 0
        return launch_command(
            self._account(), directory, command, parent=parent, signal=at_our_death
        )

    def _comes_to_answer(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if self.pid is None:
                return False
            if self._answers():
                return True
            time.sleep(POLL_S)
        return False

    # Leftovers of a run that was killed.

    def _take_claim(self) -> None:
        """Let one process at a time use the directory; the kernel gives a dead one's back."""
        if self._claim is not None:
            return
        claim = open_private(str(self.data / "lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(claim, 20).decode() or "another one"
            os.close(claim)
            message = f"{self.program}: {self.data} is in use by process {holder}"
            raise DidNotStart(message) from None
        os.ftruncate(claim, 0)
        os.write(claim, str(os.getpid()).encode())
        self._claim = claim

    def _give_up_claim(self) -> None:
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _end_leftovers(self, *directories: Path) -> None:
        """End every such server in our directory that is not our child.

        We hold the claim, so whoever owned them is dead.
        """
        where = directories or (self.working_directory,)
        end_leftovers(self.program, where, self.farewells[0][0], spared=self.pid)

    def _send(self, number: int) -> None:
        # Popen would refuse to signal a child it has reaped: so the id can't be another's.
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(number)

    # What the user is told.

    def _what_went_wrong(self) -> str:
        status = None if self._child is None else self._child.poll()
        how = "does not answer" if status is None else f"ended with status {status}"
        return f"{self.program} {how}. The end of {self.log.path}:\n{self.log.last_lines()}"

    def _add_note(self, note: str) -> None:
        if note and note not in self.note:
            self.note = f"{self.note} {note}".strip()


def exchange(port: int, request: bytes, size: int) -> bytes:
    """Send one request to a local server; the first bytes of its answer, maybe fewer."""
    answer = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection((HOST, port), timeout=1) as connection,
    ):
        connection.sendall(request)
        while len(answer) < size and (piece := connection.recv(size - len(answer))):
            answer += piece
    return answer


def _on_main_thread() -> bool:
    # Not `threading`: under gevent it speaks of greenlets.
    if sys.platform != "linux":
        return True
    return os.readlink("/proc/thread-self").rpartition("/")[2] == str(os.getpid())
