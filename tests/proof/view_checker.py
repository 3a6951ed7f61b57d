"""Checks what a filtered subscriber must not see, and whom it must see leave. Pure."""

from collections.abc import Iterator

from tests.proof.history import Complaint, Content, Evidence, Key, Kind, Story, Told

OUTSIDE = "outside"


def complaints(evidence: Evidence) -> Iterator[Complaint]:
    for story in evidence.stories:
        yield from leaked(story)
        yield from ghosts(story, evidence)


def leaked(story: Story) -> Iterator[Complaint]:
    """A byte of another's vessel, or an event that the filter must have kept away."""
    for told in story.chapters:
        if not isinstance(told, Told):
            continue
        where = f"{story.name} at {told.at:.3f}: {told.kind} {told.epoch}-{told.number}"
        if told.strange:
            yield Complaint(Kind.LEAKED, f"{where}: has {told.strange}")
        for seen in told.seen:
            if not story.view.shows(seen.key[0], seen.content):
                yield Complaint(Kind.LEAKED, f"{where}: {seen} was not asked for")
        is_event = told.kind in {"position", "late", "vessel"}
        if is_event and story.view.kinds is not None and told.kind not in story.view.kinds:
            yield Complaint(Kind.LEAKED, f"{where}: such events were not asked for")


def ghosts(story: Story, evidence: Evidence) -> Iterator[Complaint]:
    """Still inside the box for the subscriber, and outside of it in the table."""
    if story.view.box is None:
        return
    contents = {row.key: row.content for row in evidence.rows}
    for vessel_id in inside(story):
        content = newest_of(vessel_id, evidence, contents)
        if content is not None and not story.view.shows(vessel_id, content):
            yield Complaint(Kind.GHOST, f"{story.name} was not told that {vessel_id} left")


def inside(story: Story) -> set[str]:
    """The vessels that the subscriber believes to be in the box, in the end."""
    found: set[str] = set()
    for told in story.chapters:
        if not isinstance(told, Told):
            continue
        if told.kind == "snapshot":
            found = {seen.key[0] for seen in told.seen}
        elif told.kind == "position":
            found |= {seen.key[0] for seen in told.seen}
        elif told.kind == "vessel" and told.change in {OUTSIDE, "removed"}:
            found.discard(told.vessel_id)
    return found


def newest_of(
    vessel_id: str, evidence: Evidence, contents: dict[Key, Content]
) -> Content | None:
    recorded_us = evidence.table_newest.get(vessel_id)
    return None if recorded_us is None else contents.get((vessel_id, recorded_us))
