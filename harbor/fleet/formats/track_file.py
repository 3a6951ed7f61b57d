"""What all formats share: whose track it is, its fixes, its segments, its file's name."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from harbor.fleet.lead import Lead
from harbor.fleet.report import PositionReport
from harbor.fleet.rhythm import Rhythm
from harbor.fleet.sources import Standing
from harbor.fleet.track import TrackFix
from harbor.fleet.vessel import Particulars


class Recorded(Protocol):
    """A report that was kept, and when it reached us."""

    @property
    def report(self) -> PositionReport: ...
    @property
    def received_at(self) -> datetime: ...


Pages = Iterable[Sequence[Recorded]]
"""Oldest first; none is empty."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose track it is, from when to when, and when the file was made.

    `standings` say which trackers count more, by their ids as text.
    """

    vessel: Particulars
    start_at: datetime
    end_at: datetime
    made_at: datetime
    standings: Mapping[str, Standing] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Fixes without a gap between them; `is_new` when there is one before the first."""

    is_new: bool
    reports: Sequence[PositionReport]


def stretches(heading: Heading, pages: Pages) -> Iterator[Stretch]:
    """The fixes of the leading tracker, cut at gaps, and at pages too (then not `is_new`)."""
    lead, rhythm = Lead(heading.standings), Rhythm()
    before_s: float | None = None
    for page in pages:
        is_new, reports = before_s is None, list[PositionReport]()
        for recorded in page:
            report = recorded.report
            at_s = report.recorded_at.timestamp()
            if not lead.follows(_fix(report, at_s)):
                continue
            if before_s is not None and rhythm.is_gap(at_s - before_s):
                if reports:
                    yield Stretch(is_new, reports)
                is_new, reports = True, []
            if before_s is not None:
                rhythm.note(at_s - before_s)
            before_s = at_s
            reports.append(report)
        if reports:
            yield Stretch(is_new, reports)


def in_utc(moment: datetime) -> str:
    """As XML Schema and RFC 3339 write it; without a fraction when there is none."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def identity(vessel: Particulars) -> str:
    """Its numbers in one line, for people."""
    named = (
        ("IMO", vessel.imo_number),
        ("MMSI", vessel.mmsi),
        ("call sign", vessel.call_sign),
    )
    return ", ".join(f"{name} {value}" for name, value in named if value)


def file_name(heading: Heading, suffix: str) -> tuple[str, str]:
    """In the vessel's own letters, and in ASCII for programs that know no others."""
    times = "_".join(
        f"{one.astimezone(UTC):%Y%m%dT%H%MZ}" for one in (heading.start_at, heading.end_at)
    )
    name = _plain(heading.vessel.name)
    plain = unicodedata.normalize("NFKD", name.translate(LETTERS)).encode("ascii", "ignore")
    ascii_name = plain.decode().strip("-")
    return f"{name or 'vessel'}_{times}.{suffix}", f"{ascii_name or 'vessel'}_{times}.{suffix}"


LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ß": "ss", "ł": "l", "Ł": "L", "đ": "d"}
)
"""Those that are no letter with an accent."""


def _plain(name: str) -> str:
    """Letters and digits, and between them a hyphen: no name leads to another folder."""
    kept = "".join(sign if sign.isalnum() else " " for sign in name)
    return "-".join(kept.split())


def _fix(report: PositionReport, at_s: float) -> TrackFix:
    place = report.latitude, report.longitude
    return TrackFix(at_s, *place, None, None, str(report.tracker_id))
