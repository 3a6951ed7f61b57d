"""Checks what each subscriber of the stream was told, frame by frame. Pure.

The promise: within an epoch numbers are contiguous, over reconnects too; else `resync` and
a fresh `snapshot` are said. Every new position was delivered, or such a snapshot covers it.
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
    Story,
    Told,
)

POSITIONS = {"position", "late"}
EventId = tuple[str, int]


def complaints(evidence: Evidence) -> Iterator[Complaint]:
    for story in evidence.stories:
        yield from Reading(story).complaints()
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


@dataclass
class Reading:
    """Follows one story; knows which number must come next."""

    story: Story
    epoch: str = ""
    number: int | None = None
    may_begin: bool = True
    newest: dict[str, int] = field(default_factory=dict)

    def complaints(self) -> Iterator[Complaint]:
        for chapter in self.story.chapters:
            if isinstance(chapter, Connected):
                self.may_begin = chapter.last_event_id is None
                if self.may_begin:
                    self.newest = {}  # a page loaded anew: it remembers nothing
            elif chapter.kind == "resync":
                self.may_begin = True
            elif chapter.kind == "snapshot":
                yield from self._begin(chapter)
            elif chapter.number is not None:
                yield from self._follow(chapter)
            if isinstance(chapter, Told) and chapter.kind in {"snapshot", "position"}:
                yield from self._look(chapter)

    def _begin(self, told: Told) -> Iterator[Complaint]:
        if not self.may_begin:
            yield self._complaint(Kind.OUT_OF_ORDER, "a snapshot without a resync", told)
        self.may_begin = False
        self.epoch, self.number = told.epoch, told.number

    def _follow(self, told: Told) -> Iterator[Complaint]:
        assert told.number is not None
        if told.epoch != self.epoch or self.number is None:
            yield self._complaint(Kind.OUT_OF_ORDER, "an epoch without a resync", told)
        elif told.number <= self.number:
            yield self._complaint(Kind.REPEATED, f"after {self.number}", told)
            return
        elif told.number > self.number + 1:
            gap = told.number - self.number - 1
            yield from [self._complaint(Kind.MISSING, f"after {self.number}", told)] * gap
        self.epoch, self.number = told.epoch, told.number

    def _look(self, told: Told) -> Iterator[Complaint]:
        """The marker: what a snapshot or a `position` shows is never older than before."""
        for vessel_id, recorded_us in (one.key for one in told.seen):
            known = self.newest.get(vessel_id, 0)
            if recorded_us < known:
                by_ms = (known - recorded_us) / 1000
                yield self._complaint(Kind.BACKWARD, f"{vessel_id} by {by_ms:.1f} ms", told)
            self.newest[vessel_id] = recorded_us

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
    stored = {row.key for row in evidence.rows if row.key in sent_at}
    for story in evidence.stories:
        delivered = shown([story])
        for key in stored - delivered:
            if not _is_covered(story, sent_at[key], published.get(key, {})):
                yield Complaint(Kind.MISSING, f"{story.name} never heard of {key}")


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
