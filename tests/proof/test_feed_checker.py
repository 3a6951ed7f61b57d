"""The checker of the stream by itself."""

from tests.proof.feed_checker import complaints
from tests.proof.history import (
    Answer,
    Connected,
    Content,
    Evidence,
    Kind,
    Ping,
    Post,
    Row,
    Seen,
    Story,
    Told,
)

HERE = Content(57.5, 11.5, 8.0)
NEW = Connected(None, 0.0)


def snapshot(number=0, *recorded_us, epoch="e", at=0.5) -> Told:
    return Told("snapshot", epoch, number, tuple(map(seen, recorded_us)), at)


def position(number, recorded_us, epoch="e", kind="position", content=HERE) -> Told:
    return Told(kind, epoch, number, (Seen(("vinga", recorded_us), content),), 2.0)


def seen(recorded_us) -> Seen:
    return Seen(("vinga", recorded_us), HERE)


def back(last_event_id) -> Connected:
    return Connected(last_event_id, 3.0)


RESYNC = Told("resync", "", None, (), 4.0)


def kinds(*chapters, stored=(), more=()) -> list[Kind]:
    posts = [
        Post((Ping("vinga", at, "t", HERE),), (Answer.CREATED,), 201, 1.0, 1.1) for at in stored
    ]
    rows = [Row(("vinga", at), "t", HERE) for at in stored]
    stories = (Story("one", chapters), *(Story("other", told) for told in more))
    evidence = Evidence(tuple(posts), rows=tuple(rows), stories=stories)
    return [complaint.kind for complaint in complaints(evidence)]


def test_a_snapshot_and_contiguous_numbers_are_well():
    assert kinds(NEW, snapshot(), position(1, 10), position(2, 20)) == []


def test_a_jump_in_the_numbers_is_missing_each_of_them():
    assert kinds(NEW, snapshot(), position(1, 10), position(4, 20)) == [Kind.MISSING] * 2


def test_a_jump_over_a_reconnect_is_missing():
    chapters = NEW, snapshot(), position(1, 10), back("e-1"), position(3, 20)

    assert kinds(*chapters) == [Kind.MISSING]


def test_a_number_that_comes_again_is_repeated():
    chapters = NEW, snapshot(), position(1, 10), back("e-1"), position(1, 10)

    assert kinds(*chapters) == [Kind.REPEATED]


def test_a_new_epoch_needs_a_resync_and_a_snapshot():
    first = NEW, snapshot(), position(1, 10)

    assert kinds(*first, position(1, 20, epoch="f")) == [Kind.OUT_OF_ORDER]
    fresh = snapshot(0, 10, epoch="f")
    assert kinds(*first, fresh) == [Kind.OUT_OF_ORDER]
    assert kinds(*first, RESYNC, fresh, position(1, 20, epoch="f")) == []


def test_a_resumed_stream_that_silently_begins_afresh_is_out_of_order():
    chapters = NEW, snapshot(), position(1, 10), back("e-1"), snapshot(5, 50)

    assert kinds(*chapters) == [Kind.OUT_OF_ORDER]


def test_a_marker_that_moves_back_is_told_also_over_a_snapshot():
    assert kinds(NEW, snapshot(), position(1, 20), position(2, 10)) == [Kind.BACKWARD]
    assert kinds(NEW, snapshot(0, 20), position(1, 10)) == [Kind.BACKWARD]


def test_a_snapshot_after_a_resync_may_be_older_but_nothing_after_it():
    afresh = NEW, snapshot(0, 20), RESYNC, snapshot(0, 10, epoch="f")

    assert kinds(*afresh) == []
    assert kinds(*afresh, position(1, 5, epoch="f")) == [Kind.BACKWARD]


DEGRADED = Told("feed", "", None, (), 2.0, change="degraded")


def without_number(recorded_us) -> Told:
    return Told("position", "", None, (seen(recorded_us),), 2.0)


def test_what_postgresql_showed_may_come_again_from_another_worker_only():
    shown = NEW, snapshot(0, 10), DEGRADED, without_number(30)

    assert kinds(*shown, position(1, 20)) == [Kind.BACKWARD]
    assert kinds(*shown, position(1, 20, kind="late")) == []
    assert kinds(*shown, back("e-0"), position(1, 20), position(2, 30)) == []
    assert kinds(*shown, back("e-0"), position(1, 5)) == [Kind.BACKWARD]


def test_after_a_snapshot_without_an_id_the_last_id_counts_on():
    shown = NEW, snapshot(3), back("e-3"), RESYNC, Told("snapshot", "", None, (), 4.0)

    assert kinds(*shown, back("e-3"), position(4, 40)) == []
    assert kinds(*shown, back("e-3"), position(5, 50)) == [Kind.MISSING]
    assert kinds(*shown, position(4, 40)) == [Kind.OUT_OF_ORDER]


def test_a_late_position_and_a_page_loaded_anew_may_be_older():
    assert kinds(NEW, snapshot(0, 20), position(1, 10, kind="late")) == []
    assert kinds(NEW, snapshot(0, 20), NEW, snapshot(0, 10)) == []


def test_one_position_under_two_numbers_is_repeated():
    assert kinds(NEW, snapshot(), position(1, 10), position(2, 10)) == [Kind.REPEATED]


def test_one_number_with_two_meanings_is_told():
    other = NEW, snapshot(), position(1, 20)

    assert kinds(NEW, snapshot(), position(1, 10), more=[other]) == [Kind.ALTERED]


def test_another_content_than_the_stored_one_is_told():
    chapters = NEW, snapshot(), position(1, 10, content=Content(1.0, 2.0))

    assert kinds(*chapters, stored=[10]) == [Kind.ALTERED]


def test_a_stored_position_that_a_subscriber_never_heard_of_is_missing():
    assert kinds(NEW, snapshot(), stored=[10]) == [Kind.MISSING]


def test_a_snapshot_that_came_later_covers_what_nobody_was_told():
    assert kinds(NEW, snapshot(at=5.0), stored=[10]) == []


def test_a_snapshot_covers_by_its_number_not_by_the_clock():
    """Others were told of it as number 3: a snapshot up to 2 does not have it."""
    other = NEW, snapshot(2), position(3, 10)

    assert kinds(NEW, snapshot(3, at=5.0), stored=[10], more=[other]) == []
    assert kinds(NEW, snapshot(2, at=5.0), stored=[10], more=[other]) == [Kind.MISSING]
