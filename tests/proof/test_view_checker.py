"""The checker of filtered streams, and of those that fell behind, by itself."""

from tests.proof import feed_checker, view_checker
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
    View,
)

INSIDE, OUTSIDE = Content(57.5, 11.6), Content(57.5, 11.4)
BOX = View(box=(11.5, 57.0, 12.0, 58.0))
VINGA = View(vessel_ids=frozenset({"vinga"}))
NEW = Connected(None, 0.0)


def snapshot(number, *seen) -> Told:
    return Told("snapshot", "e", number, seen, 0.5)


def at(recorded_us, vessel_id="vinga", content=INSIDE) -> Seen:
    return Seen((vessel_id, recorded_us), content)


def position(number, seen, kind="position", **more) -> Told:
    return Told(kind, "e", number, (seen,), 2.0, **more)


def moved_on(number) -> Told:
    return Told("feed", "e", number, (), 2.0)


def merged(count) -> Told:
    return Told("merged", "", None, (), 2.0, count=count)


WHOLE = Story(
    "whole",
    (
        NEW,
        snapshot(0),
        position(1, at(10)),
        position(2, at(20, "hono")),
        position(3, at(5), kind="late"),
        position(4, at(30)),
        position(5, at(40, content=OUTSIDE)),
    ),
)


def kinds(view, *chapters, stored=()) -> list[Kind]:
    """Of a story beside one that was told everything; `stored` is in the table in the end."""
    posts = [
        Post((Ping(*one.key, "t", one.content),), (Answer.CREATED,), 201, 1.0, 1.1)
        for one in stored
    ]
    newest: dict[str, int] = {}
    for one in stored:
        newest[one.key[0]] = max(one.key[1], newest.get(one.key[0], 0))
    evidence = Evidence(
        tuple(posts),
        rows=tuple(Row(one.key, "t", one.content) for one in stored),
        stories=(WHOLE, Story("filtered", (NEW, *chapters), view)),
        table_newest=newest,
    )
    complaints = [*feed_checker.complaints(evidence), *view_checker.complaints(evidence)]
    return [one.kind for one in complaints if not one.about.startswith("whole")]


def test_numbers_of_other_vessels_may_be_left_out():
    chapters = snapshot(0), position(1, at(10)), position(3, at(5), "late"), position(4, at(30))

    assert kinds(VINGA, *chapters) == []


def test_a_number_that_a_filter_wants_is_missing_when_it_is_passed_over():
    assert kinds(VINGA, snapshot(0), position(1, at(10)), position(4, at(30))) == [Kind.MISSING]
    assert kinds(VINGA, snapshot(0), position(1, at(10)), moved_on(3)) == [Kind.MISSING]
    assert kinds(VINGA, snapshot(0), position(1, at(10)), moved_on(2)) == []


def test_an_id_alone_that_goes_back_is_repeated():
    assert kinds(VINGA, snapshot(4), moved_on(4)) == []
    assert kinds(VINGA, snapshot(4), moved_on(3)) == [Kind.REPEATED]


def test_a_stream_without_late_ones_may_lack_what_was_late_to_its_worker():
    view = View(kinds=frozenset({"position"}))
    first = snapshot(0), position(1, at(10)), position(2, at(20, "hono"))

    assert kinds(view, *first, position(5, at(40, content=OUTSIDE))) == [Kind.MISSING]
    newer = snapshot(0, at(35)), position(2, at(20, "hono"))
    assert kinds(view, *newer, position(5, at(40, content=OUTSIDE))) == []


def test_a_latest_stream_may_leave_out_as_many_as_merged_says():
    view, last = View(is_latest=True), position(5, at(40, content=OUTSIDE))
    first = snapshot(0), position(1, at(10)), position(2, at(20, "hono"))

    assert kinds(view, *first, merged(2), last) == []
    assert kinds(view, *first, merged(1), last) == [Kind.MISSING]
    assert kinds(View(), *first, merged(2), last) == [Kind.MISSING, Kind.MISSING]


def test_a_latest_stream_owes_the_newest_of_each_vessel():
    stored = [at(10), at(30)]

    assert kinds(View(is_latest=True), snapshot(0), stored=stored) == [Kind.MISSING]
    told = snapshot(0), merged(3), position(4, at(30))
    assert kinds(View(is_latest=True), *told, stored=stored) == []


def test_what_a_filter_does_not_show_is_not_owed():
    stored = [at(20, "hono")]

    assert kinds(VINGA, snapshot(0), stored=stored) == []
    assert kinds(View(), snapshot(0), stored=stored) == [Kind.MISSING]


def test_what_was_not_asked_for_is_leaked():
    hono, north = at(20, "hono"), at(50, content=OUTSIDE)

    assert kinds(VINGA, snapshot(0, hono)) == [Kind.LEAKED]
    assert kinds(VINGA, snapshot(1), position(2, hono)) == [Kind.LEAKED]
    assert kinds(BOX, snapshot(5), position(6, north)) == [Kind.LEAKED]
    late = position(3, at(5), "late")
    assert kinds(View(kinds=frozenset({"position"})), snapshot(2), late) == [Kind.LEAKED]


def test_a_byte_of_another_vessel_is_leaked_wherever_it_stands():
    told = Told("vessel", "e", 6, (), 2.0, vessel_id="vinga", strange=("Hönö",))

    assert kinds(VINGA, snapshot(5), told) == [Kind.LEAKED]


def test_a_vessel_that_left_the_box_without_a_word_is_a_ghost():
    stored = [at(10), at(40, content=OUTSIDE)]
    left = Told("vessel", "e", 5, (), 2.0, vessel_id="vinga", change="outside")

    inside = snapshot(3), position(4, at(30))
    assert kinds(BOX, *inside, stored=stored) == [Kind.GHOST]
    assert kinds(BOX, *inside, left, stored=stored) == []
    assert kinds(BOX, *inside, snapshot(5), stored=stored) == [Kind.OUT_OF_ORDER]
