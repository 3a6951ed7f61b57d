"""What the map's pure modules say: rhythms, trails, the grid, the scale, great circles."""

import pytest

from tests.static.scripts import answer

PATIENCE = {"late_ms": 180_000, "silent_ms": 900_000}


@pytest.mark.parametrize(
    ("seconds", "interval_s"),
    [
        ([0, 10, 20, 30], 10),
        ([0, 10, 20, 30, 630, 640], 10),
        ([0, 10, 10, 10], None),
        ([0, 10, 25, 45, 70], 17.5),
        ([], None),
        ([*range(0, 600, 60), *range(600, 621)], 1),
    ],
    ids=["steady", "a gap", "repeats are no steps", "an even number", "nothing", "the last 20"],
)
def test_a_rhythm_is_the_median_of_the_last_steps(seconds, interval_s):
    said = answer("rhythm.js", "medianStep(given[0])", [one * 1000 for one in seconds])

    assert said == (None if interval_s is None else interval_s * 1000)


def test_fixes_that_were_held_back_aboard_fill_their_own_places():
    moments = [0, 10, 20, 60, 70, 80, 40, 30, 50, 90, 100, 110, 120, 130, 140]
    script = """(() => {
        const rhythm = new Rhythm();
        for (const one of given[0]) rhythm.note(one * 1000);
        return rhythm.interval_ms;
    })()"""

    assert answer("rhythm.js", script, moments) == 10_000


def test_a_page_believes_the_server_until_it_has_learned_a_rhythm_itself():
    script = """(() => {
        const rhythm = new Rhythm();
        rhythm.tell(30000);
        const told = rhythm.interval_ms;
        for (const one of [0, 10, 20, 30]) rhythm.note(one * 1000);
        return [told, rhythm.interval_ms];
    })()"""

    assert answer("rhythm.js", script) == [30_000, 10_000]


@pytest.mark.parametrize(
    ("interval_ms", "late_ms", "silent_ms"),
    [(10_000, 20_000, 50_000), (1_000, 10_000, 25_000), (None, 180_000, 900_000)],
)
def test_late_is_after_two_intervals_and_silent_after_five(interval_ms, late_ms, silent_ms):
    patience = answer("rhythm.js", "patienceFor(...given)", interval_ms, PATIENCE)

    assert patience == {"late_ms": late_ms, "silent_ms": silent_ms}


def trail(script: str, step_ms: float, *given: object):
    whole = f"(() => {{ const trail = new Trail({step_ms}); {script} }})()"
    return answer("trail.js", whole, *given)


def test_a_trail_keeps_a_fix_in_eight_seconds_and_always_the_newest():
    script = """for (let s = 0; s <= 20; s += 1) trail.add(s * 1000, 57, 11);
        return trail.fixes().map((fix) => fix.recordedAt / 1000);"""

    assert trail(script, 8_000) == [0, 8, 16, 20]


def test_a_trail_forgets_what_is_older_than_half_an_hour():
    script = """for (let s = 0; s <= 3600; s += 10) trail.add(s * 1000, 57, 11);
        return [trail.length, trail.recordedAt(0) / 1000];"""

    assert trail(script, 8_000) == [181, 1800]


def test_a_trail_is_thinned_no_further_than_the_server_has_told_it():
    script = """trail.thinTo(90_000);
        const alone = trail.step_ms;
        trail.fill([[0, 57, 11]], 45_000);
        trail.thinTo(120_000);
        return [alone, trail.step_ms];"""

    assert trail(script, 8_000) == [90_000, 45_000]


@pytest.mark.parametrize(("vessels", "step_s"), [(1, 8), (500, 8), (2_000, 18), (10_000, 90)])
def test_the_trails_of_a_large_fleet_are_coarser_so_that_all_of_them_fit(vessels, step_s):
    script = """(() => {
        globalThis.requestAnimationFrame = () => {};
        const fleet = new Fleet({ late_ms: 1, silent_ms: 2 }, () => {});
        const at = { recordedAt: 1, latitude: 57, longitude: 11 };
        fleet.replace(Array.from({ length: given[0] }, (_, i) => ({ id: String(i), ...at })));
        return [fleet.get("0").trail.step_ms / 1000, fleet.size];
    })()"""

    assert answer("fleet.js", script, vessels) == [step_s, vessels]


def test_what_the_server_has_kept_fills_the_hole_of_a_page_that_slept():
    script = """for (const s of [0, 10, 90, 100]) trail.add(s * 1000, 57, 11);
        trail.fill(given[0].map((s) => [s * 1000, 57, 11]), 8000);
        return trail.fixes().map((fix) => fix.recordedAt / 1000);"""

    assert trail(script, 8_000, [10, 30, 50, 70, 90]) == [0, 10, 30, 50, 70, 90, 100]


def test_a_silence_is_a_gap_but_what_was_thinned_out_is_none():
    script = """trail.fill([[0, 57, 11], [45000, 57, 11]], 45000);
        const thinned = trail.isGap(1, 50000);
        trail.add(200000, 57, 11);
        return [thinned, trail.isGap(2, 50000)];"""

    assert trail(script, 8_000) == [False, True]


@pytest.mark.parametrize("latitude", [0, 57.7, -70, 84])
def test_a_bar_of_the_scale_is_as_long_as_its_miles_at_any_latitude(latitude):
    for zoom in (3, 9, 15):
        scale = answer("mercator.js", "scaleAt(...given, 1)", latitude, zoom, 120)
        degrees = scale["length_px"] / (256 * 2**zoom) * 360
        east = {"latitude": latitude, "longitude": degrees}
        if scale["count"] > 100:
            continue  # a great circle leaves the parallel
        miles = answer(
            "geo.js", "distance_nm(...given)", {"latitude": latitude, "longitude": 0}, east
        )
        assert miles == pytest.approx(scale["count"], rel=0.005)
        assert 30 <= scale["length_px"] <= 120


@pytest.mark.parametrize(
    ("value", "step", "ends", "words"),
    [
        (57.5, 0.5, "NS", "57° 30' N"),
        (-9, 1, "EW", "9° W"),
        (0, 5, "EW", "0°"),
        (11 + 42.5 / 60, 1 / 120, "EW", "11° 42.5' E"),
        (11 + 59.96 / 60, 1 / 60, "EW", "12° 00' E"),
    ],
)
def test_the_graticule_counts_in_degrees_and_decimal_minutes(value, step, ends, words):
    said = answer("chart-grid.js", "graduation(...given)", value, step, ends)

    assert said.replace("\N{PRIME}", "'") == words


def test_a_great_circle_over_the_antimeridian_runs_on_without_a_leap():
    tokyo, seattle = (35.6, 139.8), (47.6, -122.3)
    ends = [{"latitude": one, "longitude": other} for one, other in (tokyo, seattle)]

    places = answer("geo.js", "greatCircle(...given)", *ends, 32)

    longitudes = [place["longitude"] for place in places]
    assert longitudes == sorted(longitudes)
    assert longitudes[-1] == pytest.approx(360 - 122.3)
    assert max(place["latitude"] for place in places) > 50


@pytest.mark.parametrize(
    ("speed_knots", "role"),
    [
        (0, "speed-0"),
        (0.5, "speed-1"),
        (7.9, "speed-2"),
        (35, "speed-6"),
        (None, "speed-unknown"),
    ],
)
def test_a_speed_has_the_colour_of_its_step(speed_knots, role):
    assert answer("speed-scale.js", "speedRole(given[0])", speed_knots) == role


@pytest.mark.parametrize(
    ("step_ms", "interval_ms", "lasts_ms"),
    [(10_000, 4_000, 4_000), (2_000, 10_000, 2_000), (90_000, 10_000, 0), (None, 10_000, 0)],
)
def test_a_marker_glides_for_at_most_one_interval(step_ms, interval_ms, lasts_ms):
    assert answer("glide.js", "glideTime(...given)", step_ms, interval_ms) == lasts_ms


@pytest.mark.parametrize(
    ("bearings", "at_ms", "degrees_per_s"),
    [
        ((350, 5), 0, 10),
        ((5, 350), 1_400, 10),
        ((350, 5), 1_500, 0),
        ((None, 5), 0, 0),
        ((90, 90), 0, 0),
    ],
)
def test_a_hull_turns_the_short_way_and_only_at_the_beginning_of_its_glide(
    bearings, at_ms, degrees_per_s
):
    places = [{"x": 0.5, "y": 0.5, "bearing": bearing} for bearing in bearings]
    glide = {"from": places[0], "to": places[1], "startedAt": 0, "lasts_ms": 10_000}

    assert answer("glide.js", "turnRate(...given)", glide, at_ms) == degrees_per_s
