"""Devices name themselves as they like: which vessel each is on."""

import re
from collections.abc import Iterable

from harbor.trackers.message import Sender

_WRITABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def vessel_named(sender: Sender, names: Iterable[object]) -> str | None:
    """The vessel of a draft: by the first name that Harbor knows, as its Harbor id.

    A device may be called anything. Of a vessel's own tracker an unknown name says nothing; of
    a fleet's it stays, the first that can be written in a report, for the contract to refuse.
    """
    texts = [text for name in names if (text := _text(name))]
    for text in texts:
        vessel_id = sender.find_vessel(text)
        if vessel_id is not None:
            return str(vessel_id)
    if sender.vessel_id is not None or not texts:
        return None
    return next(filter(_WRITABLE.fullmatch, texts), texts[0])


def vessel_unless_bound(sender: Sender, names: Iterable[object]) -> str | None:
    """The same, but a vessel's own phone is aboard, whatever it calls itself."""
    return vessel_named(sender, names) if sender.vessel_id is None else None


def _text(name: object) -> str | None:
    """Some senders write numbers where others write text."""
    if isinstance(name, int) and not isinstance(name, bool):
        return str(name)
    return name if isinstance(name, str) else None
