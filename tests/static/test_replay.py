"""The pure modules of the replay: clock, store, tracks, the fleet at a moment, periods."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
NUMBERS = {"imo_number": None, "mmsi": None, "call_sign": None}
HEAD = {
    "from": 1_000_000,
    "to": 2_000_000,
    "step_s": 10,
    "left_out": 0,
    "vessels": [
        {"id": "v", "name": "Vinga", "retired_at": None, **NUMBERS},
        {"id": "h", "name": "Hönö", "retired_at": 1_900_000, **NUMBERS},
    ],
}
PATIENCE = {"late_ms": 180_000, "silent_ms": 900_000}
PREPARE = """
    const { ReplayClock, rateNamed } = await load("replay-clock.js");
    const { ReplayStore } = await load("replay-store.js");
    const { ReplayFleet } = await load("replay-fleet.js");
    const { Track } = await load("replay-track.js");
    const { lastHours, periodWith, stepOf, ticksOf, wholeDay } = await load("replay-period.js");
    const storeOf = (...slices) => {
        const store = new ReplayStore(given.head);
        for (const slice of slices) store.add(slice);
        return store;
    };
    const fleetOf = (...slices) => new ReplayFleet(storeOf(...slices), given.patience);
    const drawn = (fleet, moment) => { fleet.show(moment); return fleet.drawn("v"); };
"""


def run(script: str, **given: object) -> Any:
    """What a script returns, on the Node that comes with Playwright."""
    node, _ = compute_driver_executable()
    facts = json.dumps({"head": HEAD, "patience": PATIENCE, **given})
    source = f"""
        const load = (name) => import({json.dumps(SCRIPTS.as_uri() + "/")} + name);
        const given = {facts};
        {PREPARE}
        const answer = await (async () => {{ {script} }})();
        process.stdout.write(JSON.stringify(answer));
    """
    command = [str(node), "--input-type=module", "--eval", source]
    done = subprocess.run(command, capture_output=True, timeout=15, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def part(from_: int, to: int, *fixes: tuple[int, float, float], **more: object) -> dict:
    """A slice with fixes of the first vessel: seconds since its beginning, place."""
    before, track = (0, 0.0, 0.0), [0, 10_000, [], [], [], [], [], []]
    for at, latitude, longitude in fixes:
        track[2].append(1000 * (at - before[0]))
        track[3].append(round(1e6 * latitude) - round(1e6 * before[1]))
        track[4].append(round(1e6 * longitude) - round(1e6 * before[2]))
        for column, value in zip(track[5:], (80, 900, None), strict=True):
            column.append(value)
        before = (at, latitude, longitude)
    return {"from": from_, "to": to, "tracks": [track], **more}


SAILING = part(
    1_000_000,
    1_500_000,
    *((at, 57 + at / 1000, 11.0) for at in range(0, 110, 10)),
    *((at, 58 + at / 1000, 11.0) for at in range(300, 310, 10)),
)


def test_a_vessel_is_drawn_between_her_fixes():
    said = run("return drawn(fleetOf(given.slice), 1_015_000)", slice=SAILING)

    assert said["latitude"] == pytest.approx(57.015)
    assert said["longitude"] == 11


def test_the_words_keep_to_the_fix_that_was_reported():
    script = "const f = fleetOf(given.slice); f.show(1_015_000); return f.get('v')"

    said = run(script, slice=SAILING)

    assert (said["latitude"], said["recordedAt"]) == (57.01, 1_010_000)
    assert (said["speedKnots"], said["courseDegrees"], said["headingDegrees"]) == (8, 90, None)


def test_nothing_is_invented_across_a_gap():
    script = "return [1_150_000, 1_250_000, 1_301_000].map((at) => drawn(fleet, at).latitude)"

    said = run(f"const fleet = fleetOf(given.slice); {script}", slice=SAILING)

    assert said == [57.1, 57.1, 58.3]


def test_a_vessel_grows_late_and_silent_by_her_own_rhythm():
    script = """
        const fleet = fleetOf(given.slice);
        return [1_115_000, 1_135_000, 1_165_000].map((at) => drawn(fleet, at).state)
    """

    assert run(script, slice=SAILING) == ["live", "late", "silent"]


def test_a_vessel_that_had_not_reported_yet_is_nowhere():
    script = "const f = fleetOf(); f.show(1_500_000); return f.get('h')"

    said = run(script)

    assert (said["latitude"], said["recordedAt"], said["state"]) == (None, None, "silent")


def test_a_vessel_crosses_the_antimeridian_the_short_way():
    slice_ = part(1_000_000, 1_500_000, (0, -17, 179.9), (10, -17, -179.9), (20, -17, -179.7))

    said = run("return drawn(fleetOf(given.slice), 1_007_500).longitude", slice=slice_)

    assert said == pytest.approx(-179.95)


def test_only_what_changed_is_drawn_again():
    script = """
        const fleet = fleetOf(given.slice);
        fleet.show(1_050_000);
        return [...fleet.show(1_051_000)].concat([...fleet.show(1_051_000)])
    """

    assert run(script, slice=SAILING) == ["v"]


def test_a_trail_ends_with_the_fix_she_is_on_her_way_to():
    script = (
        "const f = fleetOf(given.slice); f.show(1_025_000); return f.get('v').trail.fixes()"
    )

    moments = [fix["recordedAt"] for fix in run(script, slice=SAILING)]

    assert moments == [1_000_000, 1_010_000, 1_020_000, 1_030_000]


def test_slices_fit_together_from_whichever_end_they_come():
    late = part(1_500_000, 2_000_000, (0, 57.5, 11), (10, 57.51, 11))
    before = part(0, 1_500_000, (-50, 57.45, 11), is_before=True)
    script = """
        const store = storeOf(given.before, given.late, given.early);
        const track = store.tracks[0];
        const at = Array.from({ length: track.length }, (_, i) => track.get("at", i));
        return { at, fixes: store.fixes, loaded: store.loaded }
    """

    said = run(script, before=before, late=late, early=SAILING)

    # What was before is known by its fix; the slice that holds it brings the rest.
    assert said["at"] == [*range(0, 110_000, 10_000), 300_000, 450_000, 500_000, 510_000]
    assert said["fixes"] == 15
    assert said["loaded"] == [[1_000_000, 2_000_000]]


def test_a_trail_gets_longer_when_what_was_before_comes():
    early = part(1_000_000, 1_500_000, *((at, 57.0, 11) for at in range(400, 500, 10)))
    late = part(1_500_000, 2_000_000, (0, 57.5, 11), (10, 57.51, 11))
    script = """
        const store = storeOf(given.late);
        const fleet = new ReplayFleet(store, given.patience);
        fleet.show(1_505_000);
        const before = fleet.get("v").trail.length;
        store.add(given.early);
        fleet.show(1_506_000);
        return [before, fleet.get("v").trail.length]
    """

    assert run(script, early=early, late=late) == [2, 12]


def test_a_trail_is_the_same_however_one_came_to_its_moment():
    script = """
        const fleet = fleetOf(given.slice);
        const trail = (at) => { fleet.show(at); return fleet.get("v").trail.fixes(); };
        const [walked] = [1_005_000, 1_015_000, 1_025_000, 1_055_000].map(trail).slice(-1);
        const leapt = (trail(1_001_000), trail(1_302_000), trail(1_055_000));
        return [walked, leapt]
    """

    walked, leapt = run(script, slice=SAILING)

    assert walked == leapt
    assert len(walked) == 7


def test_a_fix_that_is_there_already_is_not_there_twice():
    said = run("return storeOf(given.slice, given.slice).fixes", slice=SAILING)

    assert said == 12


def test_a_fix_takes_eighteen_bytes_and_room_to_grow():
    script = """
        const after = Array.from({ length: 10_000 }, () => 10);
        const zero = after.map(() => 0);
        const track = [0, 10, after, zero, zero, zero, zero, zero];
        const store = storeOf({ from: 1_000_000, to: 1_100_000, tracks: [track] });
        return store.tracks[0].bytes / store.fixes
    """

    assert run(script) < 2 * 18


def test_the_clock_goes_on_by_its_rate_and_waits_for_what_is_not_there():
    script = """
        const clock = new ReplayClock(0, 1_000_000, 100);
        clock.rate = 60;
        clock.advance(100, 1_000_000);
        const still = clock.moment;
        clock.play();
        clock.advance(100, 1_000_000);
        const played = clock.moment;
        clock.advance(100, 7_000);
        return [still, played, clock.moment]
    """

    assert run(script) == [100, 6_100, 7_000]


def test_a_tab_that_slept_does_not_leap():
    script = """
        const clock = new ReplayClock(0, 1_000_000, 0);
        clock.rate = 1;
        clock.play();
        clock.advance(3_600_000, 1_000_000);
        return clock.moment
    """

    assert run(script) == 250


def test_the_clock_stops_at_the_end_and_begins_anew():
    script = """
        const clock = new ReplayClock(0, 1_000, 900);
        clock.play();
        clock.advance(200, 1_000);
        const end = [clock.moment, clock.isPlaying];
        clock.play();
        return [...end, clock.moment, clock.isPlaying]
    """

    assert run(script) == [1_000, False, 0, True]


def test_a_rate_in_a_link_that_there_is_not_is_the_usual_one():
    assert run("return ['600', '7', undefined].map(rateNamed)") == [600, 60, 60]


@pytest.mark.parametrize(
    ("hours_ago", "choice"), [(1, "24"), (30, "72"), (100, "168"), (24 * 30, "around")]
)
def test_a_moment_opens_the_shortest_period_that_holds_it(hours_ago, choice):
    now = 1_800_000_000_000
    moment = now - hours_ago * 3_600_000

    said = run("return periodWith(given.moment, given.now)", moment=moment, now=now)

    assert said["choice"] == choice
    assert said["from"] < moment < said["to"] <= now
    assert said["to"] - said["from"] <= 7 * 86_400_000


@pytest.mark.parametrize("moment", ["2019-01-01T00:00Z", "2020-01-01T01:00Z"])
def test_a_link_to_the_first_moments_asks_for_none_before_them(moment):
    script = "return periodWith(Date.parse(given.moment), Date.parse('2026-05-04T12:00Z'))"

    said = run(script, moment=moment)

    assert said["from"] == datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000
    assert said["from"] < said["to"]


def test_a_day_that_has_not_begun_can_not_be_replayed():
    script = """
        const now = new Date(2026, 4, 4, 12).getTime();
        const dates = ["2026-05-03", "2026-05-04", "2026-05-05", "2019-05-05"];
        const days = dates.map((one) => wholeDay(one, now));
        return days.map((day) => day && (day.to - day.from) / 3_600_000)
    """

    assert run(script) == [24, 12, None, None]


def test_longer_periods_have_longer_steps_and_no_more_ticks_than_fit():
    script = """
        const periods = [6, 24, 72, 168].map((hours) => lastHours(hours, 1_800_000_000_000));
        return periods.map((one) => [stepOf(one), ticksOf(one, 8).length])
    """

    said = run(script)

    assert [one[0] for one in said] == [10_000, 60_000, 300_000, 600_000]
    assert all(2 <= one[1] <= 9 for one in said)
