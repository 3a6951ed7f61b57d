"""One delta, an array of them or one a line, taken apart into what was observed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import orjson

from harbor.errors import Malformed
from harbor.trackers import values

OWN = "vessels.self"
VESSELS = "vessels."
URNS = ("urn:mrn:imo:mmsi:", "urn:mrn:signalk:uuid:")


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one path; None: it is unknown now.

    `context` is whose it is: OWN, or a vessel's as it stood there. `stated` is the time as it
    was written, `moment` what can be read of it. Values of one `update` belong together.
    `pointer` is where it stood in the message (RFC 6901).
    """

    context: str
    path: str
    value: Any
    stated: Any
    moment: datetime | None
    update: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All observations of vessels, in the message's order, and what else there was."""

    observations: tuple[Observation, ...]
    ignored: Counter[str]
    is_array: bool


def read(body: bytes, now: datetime) -> Reading:
    """Raises Malformed when there is no delta, and no greeting of a server, in it.

    A value without a time was observed `now`.
    """
    documents, ignored = _documents(body)
    deltas = [one for one in documents if _is_delta(one)]
    greetings = [one for one in documents if _is_greeting(one)]
    if documents and not deltas and not greetings:
        raise Malformed("A Signal K delta has an array `updates`.")
    ignored["hello"] += len(greetings)
    ignored["not_a_delta"] += len(documents) - len(deltas) - len(greetings)
    own = {str(one["self"]) for one in greetings if one.get("self")}
    updates = count()
    observations: list[Observation] = []
    for at, document in enumerate(documents):
        context = _context(document, own) if _is_delta(document) else None
        if context is None:
            ignored["not_a_vessel"] += _is_delta(document)
            continue
        base = f"/{at}" if len(documents) > 1 else ""
        observations += _observations(document, context, base, now, updates)
    return Reading(tuple(observations), +ignored, len(documents) != 1)


def reference(context: str) -> str:
    """What the context calls the vessel: an MMSI, a UUID, or a name."""
    name = context.removeprefix(VESSELS)
    for urn in URNS:
        name = name.removeprefix(urn)
    return name


def is_uuid(context: str) -> bool:
    """Whether the vessel has only the name that its own server made up."""
    return context.removeprefix(VESSELS).startswith(URNS[1])


def _documents(body: bytes) -> tuple[list[Any], Counter[str]]:
    ignored: Counter[str] = Counter()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2:
            raise Malformed(f"The body is not JSON: {error}.") from None
        documents = list(_parsed(lines, ignored))
        if not documents:
            raise Malformed(f"No line of the body is JSON: {error}.") from None
        return documents, ignored
    return (document if isinstance(document, list) else [document]), ignored


def _parsed(lines: list[bytes], ignored: Counter[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            ignored["unreadable"] += 1


def _is_delta(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("updates"), list)


def _is_greeting(document: Any) -> bool:
    """What a server says first: who it is, and what it calls its own vessel."""
    return isinstance(document, dict) and "version" in document and "updates" not in document


def _context(delta: dict[str, Any], own: set[str]) -> str | None:
    """Whose delta it is; None: not a vessel's."""
    context = delta.get("context")
    if context is None or context in ("", "self", OWN):
        return OWN
    if not isinstance(context, str):
        return None
    if context in own or VESSELS + context in own:
        return OWN
    return context if context.startswith(VESSELS) else None


def _observations(
    delta: dict[str, Any], context: str, base: str, now: datetime, updates: Iterator[int]
) -> Iterator[Observation]:
    for at, update in enumerate(delta["updates"]):
        entries = update.get("values") if isinstance(update, dict) else None
        if not isinstance(entries, list):
            continue
        number, stated = next(updates), update.get("timestamp")
        if stated is None:
            stated = values.in_words(now)
        moment = values.moment_of_text(stated) if isinstance(stated, str) else None
        for place, entry in enumerate(entries):
            if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                pointer = f"{base}/updates/{at}/values/{place}/value"
                yield Observation(
                    context, entry["path"], _value(entry), stated, moment, number, pointer
                )


def _value(entry: dict[str, Any]) -> Any:
    """The value; a server keeps showing an old one after its patience with the sensor ended."""
    state = entry.get("state")
    is_over = isinstance(state, dict) and state.get("timedOut") is True
    return None if is_over else entry.get("value")
