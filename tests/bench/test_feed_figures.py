"""What the feed's bench says, and when it fails."""

from bench.push import figures, table
from bench.push.load import Plan, Result
from bench.push.results import Results

NAMES = Result.__dataclass_fields__


def a_result(**values):
    return Result(**{**dict.fromkeys(NAMES, 0), "descriptors": (), "delivered": 1000, **values})


def results_of(**rounds):
    """`c=(1, 2)`: seconds of CPU for 1,000 deliveries, round by round."""
    results = Results()
    for peer, seconds in rounds.items():
        for cpu_s in seconds:
            results.add(peer, Plan("one", 1000), a_result(cpu_s=cpu_s))
    return results


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    results = results_of(harbor=(0.1, 1.0, 0.2), c=(0.09, 0.8, 0.2))

    found = figures.figures_of(results, None)

    assert found["c_vs_ours"] == 0.9


def test_a_peer_that_is_not_installed_leaves_its_figures_empty_and_fails_nothing():
    found = figures.figures_of(results_of(harbor=(0.1,), c=(0.1,)), None)

    assert found["nchan_vs_ours"] is None
    assert table.missed_floors(found) == []


def test_a_figure_below_its_floor_is_named_and_one_that_misses_only_its_goal_is_not():
    found = figures.figures_of(results_of(harbor=(0.1,), c=(0.08,), nchan=(0.11,)), None)

    assert table.missed_floors(found) == ["nchan_vs_ours"]
    assert "goal missed" in next(row for row in table.goals(found) if "C / Harbor" in row)


def test_events_that_change_places_on_several_lines_are_not_lost():
    assert a_result(missing=3, repeated=3).lost == 0
    assert a_result(missing=3).lost == 3
