"""Who is listed, in which order, and how many there are of each kind."""

import pytest

from tests.static.scripts import answer

MUSTER = """
    (() => {
        const [vessels, asked, order] = given;
        const roll = new Roll();
        for (const one of vessels) roll.put(one);
        const wish = {words: [], kind: "all", box: null, key: () => 0, ...asked};
        const {counts, kept} = roll.muster(wish, {sort: true});
        return {counts, names: kept.map(({vessel}) => vessel.name)};
    })()
"""
SORT = """
    (() => {
        const all = given[0].map((vessel) => ({vessel, rank: 0, key: 0}));
        rankByName(all);
        const keys = {
            name: nameKey, speed: speedKey, seen: seenKey,
            distance: distanceKey({latitude: 57, longitude: 179.9}),
        };
        for (const one of all) one.key = keys[given[1]](one.vessel);
        return arranged(all.toReversed(), all).map(({vessel}) => vessel.name);
    })()
"""


def vessel(name: str, **known: object) -> dict[str, object]:
    nothing = dict.fromkeys(
        ("imoNumber", "mmsi", "callSign", "latitude", "longitude", "recordedAt", "speedKnots",
         "courseDegrees", "headingDegrees", "navigationStatus")
    )  # fmt: skip
    return nothing | {"id": name, "name": name, "state": "live"} | known


FLEET = [
    vessel("Tärnan 10", speedKnots=12.0, latitude=57.0, longitude=-179.9, recordedAt=5_000),
    vessel("Tärnan 9", speedKnots=0.1, latitude=57.0, longitude=179.0, recordedAt=9_000),
    vessel("Älvfrakt", speedKnots=12.04, latitude=57.5, longitude=179.9, recordedAt=7_000),
    vessel("Hönö", state="silent"),
]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["Älvfrakt", "Hönö", "Tärnan 9", "Tärnan 10"]),
        ("speed", ["Älvfrakt", "Tärnan 10", "Tärnan 9", "Hönö"]),
        ("seen", ["Tärnan 9", "Älvfrakt", "Tärnan 10", "Hönö"]),
        ("distance", ["Tärnan 10", "Tärnan 9", "Älvfrakt", "Hönö"]),
    ],
)
def test_vessels_are_sorted_and_who_has_no_such_number_comes_last(order, names):
    assert answer("list-order.js", SORT, FLEET, order) == names


def test_chips_count_what_the_search_found_whichever_chip_is_pressed():
    said = answer("list-roll.js", MUSTER, FLEET, {"words": ["tarnan"], "kind": "stopped"})

    assert said["names"] == ["Tärnan 9"]
    assert said["counts"] == {"all": 2, "under-way": 1, "stopped": 1, "late": 0, "silent": 0}


def test_in_view_only_holds_on_both_sides_of_the_antimeridian():
    box = {"west": 178.5, "east": 180.5, "south": 56.5, "north": 57.2}

    said = answer("list-roll.js", MUSTER, FLEET, {"box": box})

    assert said["names"] == ["Tärnan 9", "Tärnan 10"]


def test_rows_keep_their_places_until_they_are_sorted_again():
    said = answer(
        "list-roll.js",
        """
        (() => {
            const roll = new Roll();
            const key = ({speedKnots}) => 1000 - speedKnots;
            const wish = {words: [], kind: "all", box: null, key};
            const muster = (sort) => roll.muster(wish, {sort}).kept;
            const names = (sort) => muster(sort).map(({vessel}) => vessel.name);
            roll.put({...given[0], speedKnots: 5});
            roll.put({...given[1], speedKnots: 4});
            const before = names(true);
            roll.put({...given[1], speedKnots: 9});
            roll.put({...given[2], speedKnots: 7});
            return {before, resting: names(false), after: names(true)};
        })()
        """,
        vessel("A"),
        vessel("B"),
        vessel("C"),
    )

    assert said == {"before": ["A", "B"], "resting": ["C", "A", "B"], "after": ["B", "C", "A"]}


def test_who_was_removed_or_renamed_stands_where_she_belongs():
    said = answer(
        "list-roll.js",
        """
        (() => {
            const roll = new Roll();
            const wish = {words: ["z"], kind: "all", box: null, key: () => 0};
            for (const one of given) roll.put(one);
            roll.muster(wish, {sort: true});
            roll.remove("B");
            roll.put({...given[0], name: "Z"});
            roll.put({...given[1], name: "Zebra"});
            const {kept} = roll.muster(wish, {sort: false});
            return [roll.size, ...kept.map(({vessel}) => vessel.name)];
        })()
        """,
        vessel("A"),
        vessel("B"),
        vessel("C"),
    )

    assert said == [3, "Z", "Zebra"]
