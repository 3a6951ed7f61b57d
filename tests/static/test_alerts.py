"""Which alerts a dispatcher has yet to see."""

import json

from tests.static.scripts import answer

MINUTE, HOUR = 60_000, 3_600_000


def alert(minute, **changes):
    given = {
        "kind": "man_overboard",
        "isOver": False,
        "text": "MOB",
        "vesselId": "a",
        "name": "Vinga",
        "latitude": 57.7,
        "longitude": 11.9,
    }
    times = {"recordedAt": minute * MINUTE, "receivedAt": minute * MINUTE}
    return given | times | changes


def book(script, *alerts, seen=None):
    made = f"const book = new AlertBook({json.dumps(seen or {})});"
    minutes = "const open = (at) => book.open(at).map((one) => one.recordedAt / 60000);"
    return answer("alert-book.js", f"(() => {{ {made} {minutes} {script} }})()", *alerts)


PUT = "const told = given.map((one) => book.put(one));"


def test_a_beacon_that_repeats_itself_is_one_matter_where_it_was_last():
    told = book(f"{PUT} return [told, open(3 * 60000)]", alert(1), alert(2), alert(3))

    assert told == [[True, False, False], [3]]


def test_what_was_seen_stays_away_while_it_repeats_itself():
    later = [alert(minute) for minute in range(10, 200, 10)]
    told = book(
        "book.put(given[0]); book.see(given[0]);"
        "const told = given.slice(1).map((one) => book.put(one));"
        "return [told.some(Boolean), open(200 * 60000)]",
        alert(1),
        *later,
    )

    assert told == [False, []]


def test_the_same_after_a_long_silence_is_news():
    told = book(
        "book.put(given[0]); book.see(given[0]);return [book.put(given[1]), open(62 * 60000)]",
        alert(1),
        alert(62),
    )

    assert told == [True, [62]]


def test_that_it_was_called_off_is_news_and_stands_behind_what_goes_on():
    other = alert(1, vesselId="b")
    told = book(
        "book.put(given[0]); book.see(given[0]); book.put(given[1]);"
        "return [book.put(given[2]), open(9 * 60000)]",
        alert(1),
        other,
        alert(5, isOver=True),
    )

    assert told == [True, [1, 5]]


def test_what_is_raised_again_after_it_was_called_off_is_news_though_nobody_saw_that():
    told = book(
        "book.put(given[0]); book.see(given[0]); book.put(given[1]);"
        "return [book.put(given[2]), open(9 * 60000)]",
        alert(1),
        alert(5, isOver=True),
        alert(8),
    )

    assert told == [True, [8]]


def test_a_page_that_is_opened_again_does_not_bring_back_what_was_seen_last():
    told = book(
        f"{PUT} return [open(9 * 60000), book.seen]",
        alert(1),
        alert(5, isOver=True),
        alert(8),
        seen={"a man_overboard": {"at": 8 * MINUTE, "isOver": False}},
    )

    assert told == [[], {"a man_overboard": {"at": 8 * MINUTE, "isOver": False}}]


def test_an_alert_of_a_boat_whose_clock_is_years_behind_is_shown():
    told = book(
        f"{PUT} return [told, open(25 * {HOUR}).length]", alert(1, receivedAt=24 * HOUR)
    )

    assert told == [[True], 1]


def test_an_older_alert_that_comes_later_changes_nothing():
    told = book(f"{PUT} return [told, open(9 * 60000)]", alert(5, isOver=True), alert(3))

    assert told == [[True, False], [5]]


def test_what_is_told_twice_stays_as_it_is():
    script = (
        "book.put(given[0]); const first = book.open(0)[0]; const told = book.put(given[1]);"
    )

    assert book(f"{script} return [told, book.open(0)[0] === first]", alert(1), alert(1)) == [
        False, True
    ]  # fmt: skip


def test_two_beacons_of_no_vessel_are_two_matters():
    beacons = [alert(1, vesselId=None, text=text) for text in ("MOB 1", "MOB 2")]

    assert book(f"{PUT} return told", *beacons) == [True, True]


def test_yesterday_s_alert_is_not_shown():
    assert book(f"{PUT} return open(25 * {HOUR})", alert(1)) == []


def test_what_a_browser_keeps_of_alerts_is_bounded():
    told = book(
        "for (let n = 0; n < 500; n += 1)"
        " book.see({ ...given[0], vesselId: String(n), recordedAt: n });"
        "return [Object.keys(book.seen).length, '499 man_overboard' in book.seen]",
        alert(1),
    )

    assert told == [200, True]


def test_a_feature_of_the_stream_is_read_with_and_without_a_place():
    properties = {
        "kind": "sos",
        "is_over": False,
        "text": "SOS",
        "vessel_id": None,
        "name": None,
        "recorded_at": "1970-01-01T00:01:00Z",
    }
    features = [
        {"geometry": None, "properties": properties},
        {"geometry": {"type": "Point", "coordinates": [11.9, 57.7]}, "properties": properties},
    ]

    nowhere, somewhere = answer("alert-book.js", "given.map((one) => alertOf(one))", *features)

    assert (nowhere["latitude"], nowhere["recordedAt"]) == (None, MINUTE)
    assert (somewhere["latitude"], somewhere["longitude"]) == (57.7, 11.9)
