"""Checks what each subscriber of the stream was told, frame by frame. Pure.

The promise: within an epoch numbers are contiguous, over reconnects too; else `resync` and
a fresh `snapshot` are said. Every new position was delivered, or such a snapshot covers it.
A filtered stream has every number that it wants of those that others were told of. What a
`latest` stream leaves out it counts in `merged`. What it must not see is in `view_checker`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.proof.history import (
    Complaint,
    Connected,
    Content,
    Evidence,
    Key,
    Kind,
    Post,
    Seen,
    Story,
    Told,
    View,
)

POSITIONS = {"position", "late"}
EventId = tuple[str, int]
Meanings = Mapping[EventId, tuple[Seen, frozenset[str]]]
"""What each number is about, and under which kinds it was told."""


def complaints(evidence: Evidence) -> Iterator[Complaint]:
    known = meanings(evidence.stories)
    for story in evidence.stories:
        yield from Reading(story, known).complaints()
    yield from published_twice(evidence.stories)
    yield from altered(evidence)
    yield from undelivered(evidence)


def shown(stories: Iterable[Story]) -> set[Key]:
    return {one.key for told in _frames(stories) for one in told.seen}


def _frames(stories: Iterable[Story]) -> Iterator[Told]:
    for story in stories:
        for chapter in story.chapters:
            if isinstance(chapter, Told):
                yield chapter


def meanings(stories: Iterable[Story]) -> Meanings:
    """From those who see the whole fleet; kinds differ when a worker has shown newer ones."""
    seen: dict[EventId, Seen] = {}
    kinds: dict[EventId, set[str]] = defaultdict(set)
    for told in _frames(story for story in stories if story.view.is_whole):
        if told.kind in POSITIONS and told.number is not None:
            seen[told.epoch, told.number] = told.seen[0]
            kinds[told.epoch, told.number].add(told.kind)
    return {event_id: (one, frozenset(kinds[event_id])) for event_id, one in seen.items()}


@dataclass
class Reading:
    """Follows one story; knows which number must come next."""

    story: Story
    known: Meanings
    epoch: str = ""
    number: int | None = None
    may_begin: bool = True
    merged: int = 0
    is_degraded: bool = False
    newest: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    """Without what PostgreSQL showed: another worker may not have shown it yet."""

    def complaints(self) -> Iterator[Complaint]:
        for chapter in self.story.chapters:
            if isinstance(chapter, Connected):
                self._connect(chapter)
            elif chapter.kind == "resync":
                self.may_begin = True
                self.newest, self.settled = {}, {}  # afresh
            elif chapter.kind == "merged":
                self.merged += chapter.count
            elif chapter.kind == "snapshot":
                yield from self._begin(chapter)
            elif chapter.number is not None:
                yield from self._follow(chapter)
            if isinstance(chapter, Told) and chapter.kind == "feed":
                self.is_degraded = chapter.change == "degraded"
            if isinstance(chapter, Told) and chapter.kind in {"snapshot", "position"}:
                yield from self._look(chapter)

    def _connect(self, connected: Connected) -> None:
        self.may_begin = connected.last_event_id is None
        if connected.last_event_id is None:
            self.settled = {}  # a page loaded anew: it remembers nothing
        else:  # also after a snapshot without an id: what counts is the last that had one
            self.epoch, _, number = connected.last_event_id.partition("-")
            self.number = int(number)
        self.newest, self.is_degraded = dict(self.settled), False

    def _begin(self, told: Told) -> Iterator[Complaint]:
        if not self.may_begin:
            yield self._complaint(Kind.OUT_OF_ORDER, "a snapshot without a resync", told)
        self.may_begin, self.merged = False, 0
        self.epoch, self.number = told.epoch, told.number

    def _follow(self, told: Told) -> Iterator[Complaint]:
        assert told.number is not None
        if told.epoch != self.epoch or self.number is None:
            yield self._complaint(Kind.OUT_OF_ORDER, "an epoch without a resync", told)
        elif told.number < self.number + (told.kind != "feed"):
            yield self._complaint(Kind.REPEATED, f"after {self.number}", told)
            return
        else:
            yield from self._gap(self.number, told)
        self.epoch, self.number = told.epoch, told.number

    def _gap(self, before: int, told: Told) -> Iterator[Complaint]:
        """What it wanted of the numbers in between, if `merged` did not count it."""
        assert told.number is not None
        reached = told.number + (told.kind == "feed")  # an id alone: it is passed over too
        missed = [n for n in range(before + 1, reached) if self._wanted(told.epoch, n)]
        excused = min(self.merged, len(missed)) if self.story.view.is_latest else 0
        self.merged -= excused
        for number in missed[excused:]:
            yield self._complaint(Kind.MISSING, f"{number}, after {before}", told)

    def _wanted(self, epoch: str, number: int) -> bool:
        view = self.story.view
        if view.is_sparse:
            return False
        if view.is_whole:
            return True
        if (epoch, number) not in self.known:
            return False  # nobody says what it was; `undelivered` compares with the table
        seen, kinds = self.known[epoch, number]
        vessel_id, recorded_us = seen.key
        if not view.shows(vessel_id, seen.content):
            return False
        # Where a newer one was shown already, this worker calls it `late`.
        is_late_here = recorded_us < self.newest.get(vessel_id, 0)
        return view.kinds is None or kinds | ({"late"} if is_late_here else set()) <= view.kinds

    def _look(self, told: Told) -> Iterator[Complaint]:
        """The marker: what a snapshot or a `position` shows is never older than before."""
        is_settled = told.number is not None and not self.is_degraded
        for vessel_id, recorded_us in (one.key for one in told.seen):
            known = self.newest.get(vessel_id, 0)
            if recorded_us < known:
                by_ms = (known - recorded_us) / 1000
                yield self._complaint(Kind.BACKWARD, f"{vessel_id} by {by_ms:.1f} ms", told)
            self.newest[vessel_id] = recorded_us
            if is_settled:
                self.settled[vessel_id] = recorded_us

    def _complaint(self, kind: Kind, about: str, told: Told) -> Complaint:
        where = f"{told.kind} {told.epoch}-{told.number}"
        return Complaint(kind, f"{self.story.name} at {told.at:.3f}: {where}: {about}")


def published_twice(stories: Iterable[Story]) -> Iterator[Complaint]:
    """One position under two numbers of an epoch, or one number with two meanings."""
    numbers: dict[tuple[str, Key], set[int]] = defaultdict(set)
    meanings: dict[EventId, set[Key]] = defaultdict(set)
    for told in _frames(stories):
        if told.kind in POSITIONS and told.number is not None:
            key = told.seen[0].key
            numbers[told.epoch, key].add(told.number)
            meanings[told.epoch, told.number].add(key)
    for (epoch, key), found in numbers.items():
        if len(found) > 1:
            yield Complaint(Kind.REPEATED, f"{key} has the numbers {found} in {epoch}")
    for event_id, keys in meanings.items():
        if len(keys) > 1:
            yield Complaint(Kind.ALTERED, f"{event_id} means {keys}")


def altered(evidence: Evidence) -> Iterator[Complaint]:
    """Shown with another content than is stored."""
    stored: dict[Key, set[Content]] = defaultdict(set)
    for row in evidence.rows:
        stored[row.key].add(row.content)
    wrong = {
        one
        for told in _frames(evidence.stories)
        for one in told.seen
        if one.key in stored and one.content not in stored[one.key]
    }
    for one in wrong:
        yield Complaint(Kind.ALTERED, f"{one} was shown, {stored[one.key]} is stored")


def undelivered(evidence: Evidence) -> Iterator[Complaint]:
    """Stored, but neither delivered to a subscriber nor covered by a snapshot of his."""
    sent_at = first_sent(evidence.posts)
    published = event_ids(evidence.stories)
    stored = {row.key: row.content for row in evidence.rows if row.key in sent_at}
    for story in evidence.stories:
        delivered = shown([story])
        for key, content in stored.items():
            if key in delivered or not is_due(story.view, key, content, evidence):
                continue
            if not _is_covered(story, sent_at[key], published.get(key, {})):
                yield Complaint(Kind.MISSING, f"{story.name} never heard of {key}")


def is_due(view: View, key: Key, content: Content, evidence: Evidence) -> bool:
    """A `latest` stream owes the newest of each vessel; so does one without late positions."""
    vessel_id, recorded_us = key
    if not view.shows(vessel_id, content):
        return False
    is_newest = evidence.table_newest.get(vessel_id) == recorded_us
    return is_newest or not (view.is_latest or view.kinds is not None)


def first_sent(posts: Iterable[Post]) -> Mapping[Key, float]:
    found: dict[Key, float] = {}
    for post in posts:
        for ping in post.pings:
            found[ping.key] = min(post.sent_at, found.get(ping.key, post.sent_at))
    return found


def event_ids(stories: Iterable[Story]) -> Mapping[Key, Mapping[str, int]]:
    """Under which number of which epoch each position was published, as far as anyone saw."""
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    for told in _frames(stories):
        if told.kind in POSITIONS and told.number is not None:
            found[told.seen[0].key][told.epoch] = told.number
    return found


def _is_covered(story: Story, sent_at: float, published: Mapping[str, int]) -> bool:
    """A snapshot that says "up to this number", or, when it has none in that epoch, one
    that came after the position was first sent."""
    for chapter in story.chapters:
        if isinstance(chapter, Told) and chapter.kind == "snapshot":
            number = published.get(chapter.epoch)
            if number is not None and chapter.number is not None:
                if chapter.number >= number:
                    return True
            elif chapter.at >= sent_at:
                return True
    return False
