"""The gateway itself: one thread reads, one sends, the first one shows how they are doing."""

import threading
import time
from collections.abc import Callable
from threading import Event

import structlog

from harbor.gateway.buffer import Buffer
from harbor.gateway.delivery import Delivery
from harbor.gateway.display import Display
from harbor.gateway.intake import Intake
from harbor.gateway.sources import Source
from harbor.gateway.standing import Progress

log = structlog.get_logger(__name__)
SHOW_EVERY_S = 1.0
SYNC_EVERY_S = 5.0
FLUSH_S = 4.0
LEAVE_S = 6.0
"""To the end of everything after SIGTERM; systemd and Docker wait for ten seconds and more."""
CLOCK_MIN_S = 1_767_225_600
"""2026-01-01: a box without a battery wakes before that, until it has heard the time."""


class Gateway:
    """Runs until `stop` is set; or until its source has ended and all was sent."""

    def __init__(
        self,
        source: Source,
        buffer: Buffer,
        delivery: Delivery,
        progress: Progress,
        display: Display,
    ) -> None:
        self._source = source
        self._buffer = buffer
        self._delivery = delivery
        self._progress = progress
        self._display = display
        self._broken = Event()
        self._read_all = Event()

    def run(self, stop: Event) -> bool:
        """Whether it ended as it should; what was not sent is still in the buffer."""
        readers_stop, senders_stop = Event(), Event()
        reader = self._begin("reader", lambda: self._read(readers_stop))
        sender = self._begin("sender", lambda: self._delivery.run(senders_stop))
        self._watch(stop)
        readers_stop.set()
        reader.join(LEAVE_S / 2)
        senders_stop.set()
        sender.join(LEAVE_S / 2)
        if not sender.is_alive() and not self._broken.is_set():
            self._delivery.flush(FLUSH_S)
        self._buffer.sync()
        self._display.close(self._progress.look(), self._buffer.waiting)
        return not self._broken.is_set()

    def _watch(self, stop: Event) -> None:
        sync_at = time.monotonic() + SYNC_EVERY_S
        while not (stop.is_set() or self._broken.is_set() or self._is_done()):
            self._display.show(self._progress.look(), self._buffer.waiting)
            if time.monotonic() >= sync_at:
                self._buffer.sync()
                sync_at = time.monotonic() + SYNC_EVERY_S
            stop.wait(SHOW_EVERY_S)

    def _is_done(self) -> bool:
        return self._read_all.is_set() and not self._buffer.waiting.lines

    def _read(self, stop: Event) -> None:
        """A line without the time it came at is worth nothing, so first the clock is right."""
        while time.time() < CLOCK_MIN_S:
            self._progress.say_source("waiting until the clock of this machine is set")
            if stop.wait(1):
                return
        self._source.run(Intake(self._buffer, self._progress), stop)
        self._read_all.set()

    def _begin(self, name: str, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        thread.start()
        return thread

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            # One that stands still and looks alive would be worse than one that ends.
            log.exception("gateway.broke")
            self._broken.set()
