"""Compares the history with the table, the newest cache and the answers. Pure.

What subscribers of the stream saw is compared in `feed_checker`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.proof import feed_checker, view_checker
from tests.proof.history import (
    ACKNOWLEDGED,
    Answer,
    Complaint,
    Evidence,
    Excuse,
    Key,
    Kind,
    Ping,
    Poll,
    Post,
    Row,
    Window,
)

ANSWER_SECONDS_MAX = 4.0
"""Three are promised; the fourth is for a machine that runs all of this at once."""
ASKING_SECONDS_MAX = 5.5
"""For what asks PostgreSQL through the pool (reading, keeping nonsense): two seconds to find
that a kept connection is dead, two to find that a new one is not to be had."""
RECOVERY_SECONDS_MAX = 5.0
LATITUDE_MAX = 90.0


def complaints(evidence: Evidence) -> list[Complaint]:
    """Everything that is wrong with a run."""
    return [
        *lost(evidence.posts, evidence.rows),
        *phantoms(evidence),
        *duplicated(evidence.rows),
        *created_twice(evidence.posts),
        *backward(evidence.polls),
        *stale_newest(evidence),
        *unplanned(evidence),
        *too_late(evidence),
        *feed_checker.complaints(evidence),
        *view_checker.complaints(evidence),
    ]


def tried(posts: Iterable[Post]) -> Iterator[tuple[Ping, Answer, Post]]:
    for post in posts:
        for ping, answer in zip(post.pings, post.answers, strict=True):
            yield ping, answer, post


def lost(posts: Iterable[Post], rows: Iterable[Row]) -> Iterator[Complaint]:
    """Acknowledged and not in the table, or not with the content that was acknowledged."""
    stored = {row.key: row for row in rows}
    contents = defaultdict(set)
    for ping, _, _ in tried(posts):
        contents[ping.key].add(ping.content)
    told: set[Key] = set()
    for ping, answer, _ in tried(posts):
        if answer not in ACKNOWLEDGED or ping.key in told:
            continue
        row = stored.get(ping.key)
        if row is None:
            told.add(ping.key)
            yield Complaint(Kind.LOST, f"{ping.key} was {answer}, and is not stored")
        elif _contradicts(answer, ping, row) or row.content not in contents[ping.key]:
            told.add(ping.key)
            yield Complaint(Kind.LOST, f"{ping} was {answer}, but {row} is stored")


def _contradicts(answer: Answer, ping: Ping, row: Row) -> bool:
    is_same = row.content == ping.content and row.tracker_id == ping.tracker_id
    if answer in {Answer.CREATED, Answer.IDENTICAL}:
        return not is_same
    return answer is Answer.DIFFERENT and is_same


def phantoms(evidence: Evidence) -> Iterator[Complaint]:
    """Stored but never sent, or shown to somebody but not stored."""
    sent = {ping.key for ping, _, _ in tried(evidence.posts)}
    stored = {row.key for row in evidence.rows}
    for key in stored - sent:
        yield Complaint(Kind.PHANTOM, f"{key} is stored, but nobody sent it")
    known = stored | evidence.earlier
    shown = feed_checker.shown(evidence.stories)
    for poll in evidence.polls:
        shown |= set(poll.newest.items())
    for key in shown - known:
        yield Complaint(Kind.PHANTOM, f"{key} was shown, but is not stored")


def duplicated(rows: Iterable[Row]) -> Iterator[Complaint]:
    counts = Counter((row.key, row.tracker_id) for row in rows)
    for key, count in counts.items():
        if count > 1:
            yield Complaint(Kind.DUPLICATED, f"{key} is stored {count} times")


def created_twice(posts: Iterable[Post]) -> Iterator[Complaint]:
    counts = Counter(
        (ping.key, ping.tracker_id)
        for ping, answer, _ in tried(posts)
        if answer is Answer.CREATED
    )
    for key, count in counts.items():
        if count > 1:
            yield Complaint(Kind.CREATED_TWICE, f"{key} was answered 201 {count} times")


def backward(polls: Iterable[Poll]) -> Iterator[Complaint]:
    """A reader of the API was shown an older newest position than before."""
    last: dict[tuple[str, str], int] = {}
    for poll in polls:
        for vessel_id, recorded_us in poll.newest.items():
            known = last.get((poll.reader, vessel_id), 0)
            if recorded_us < known:
                by_ms = (known - recorded_us) / 1000
                about = f"the API moved {vessel_id} back by {by_ms:.1f} ms at {poll.sent_at}"
                yield Complaint(Kind.BACKWARD, about)
            last[poll.reader, vessel_id] = recorded_us


def stale_newest(evidence: Evidence) -> Iterator[Complaint]:
    """In the end cache and API must show of each vessel what the table has."""
    places = (("cache", evidence.cache_newest), ("API", evidence.api_newest))
    for place, newest in places:
        if newest is None:
            continue
        for vessel_id, recorded_us in evidence.table_newest.items():
            if newest.get(vessel_id) != recorded_us:
                about = f"{place}: {vessel_id} at {newest.get(vessel_id)}, table {recorded_us}"
                yield Complaint(Kind.STALE_NEWEST, about)


def unplanned(evidence: Evidence) -> Iterator[Complaint]:
    """Any 5xx but a 503 with Retry-After while, or soon after, a fault that may cause it."""
    for post in evidence.posts:
        if post.status is not None and post.status >= 500:
            is_503 = Answer.BROKEN not in post.answers
            if not (is_503 and _is_excused(post, evidence.windows, Excuse.UNAVAILABLE)):
                yield Complaint(Kind.UNPLANNED_5XX, f"POST {post.status} at {post.sent_at}")
    for poll in evidence.polls:
        if poll.status is not None and poll.status >= 500:
            is_503 = poll.status == 503 and poll.may_come_back
            if not (is_503 and _is_excused(poll, evidence.windows, Excuse.UNAVAILABLE)):
                yield Complaint(Kind.UNPLANNED_5XX, f"GET {poll.status} at {poll.sent_at}")


def too_late(evidence: Evidence) -> Iterator[Complaint]:
    """Answers that took longer than promised, and service that did not come back."""
    for one in (*evidence.posts, *evidence.polls):
        took_s = one.answered_at - one.sent_at
        if took_s > allowed_s(one) and not _is_excused(one, evidence.windows, Excuse.SILENCE):
            what = type(one).__name__.upper()
            yield Complaint(Kind.TOO_LATE, f"{what} {one.status} took {took_s:.1f} s")
    for fault, recovery_s in recoveries(evidence.posts, evidence.windows):
        if recovery_s > RECOVERY_SECONDS_MAX:
            yield Complaint(Kind.TOO_LATE, f"{recovery_s:.1f} s to the first 2xx after {fault}")


def allowed_s(one: Post | Poll) -> float:
    is_ping = isinstance(one, Post) and all(
        abs(ping.content.latitude) <= LATITUDE_MAX for ping in one.pings
    )
    return ANSWER_SECONDS_MAX if is_ping else ASKING_SECONDS_MAX


def recoveries(posts: Sequence[Post], windows: Sequence[Window]) -> list[tuple[str, float]]:
    """Seconds from each fault's end to the first 2xx; none when nobody sent after it."""
    found = []
    for window in windows:
        after = [post for post in posts if post.sent_at >= window.ended_at]
        good = [p.answered_at for p in after if p.status in {200, 201}]
        if after:
            until = min(good, default=max(post.answered_at for post in after))
            found.append((window.fault, until - window.ended_at))
    return found


def _is_excused(one: Post | Poll, windows: Iterable[Window], excuse: Excuse) -> bool:
    return any(
        excuse in window.excuses
        and one.sent_at < window.ended_at + RECOVERY_SECONDS_MAX
        and one.answered_at > window.began_at
        for window in windows
    )


def staleness_s(posts: Iterable[Post], polls: Iterable[Poll]) -> float:
    """How long the API, at worst, had not shown what was acknowledged before it was asked."""
    acknowledged: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for ping, answer, post in tried(posts):
        if answer in ACKNOWLEDGED:
            acknowledged[ping.vessel_id].append((ping.recorded_us, post.answered_at))
    worst = 0.0
    for poll in polls:
        if poll.status == 200:
            worst = max(worst, *(_behind_s(poll, *one) for one in acknowledged.items()), 0.0)
    return worst


def _behind_s(poll: Poll, vessel_id: str, known: Sequence[tuple[int, float]]) -> float:
    shown = poll.newest.get(vessel_id, 0)
    return max(
        (poll.sent_at - at for recorded_us, at in known if recorded_us > shown), default=0
    )


def count(found: Iterable[Complaint]) -> Mapping[Kind, int]:
    counts = Counter(complaint.kind for complaint in found)
    return {kind: counts[kind] for kind in Kind}
