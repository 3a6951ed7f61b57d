"""How often a page draws and speaks: at once for a few, now and then for thousands."""

import pytest

from tests.static.scripts import answer

STAGE = """
    const timers = [], frames = [];
    let clock_ms = 0;
    Object.defineProperty(globalThis, "performance", { value: { now: () => clock_ms } });
    globalThis.setTimeout = (call, wait_ms) => timers.push({ call, wait_ms, isOn: true });
    globalThis.clearTimeout = (number) => { if (number) timers[number - 1].isOn = false; };
    globalThis.requestAnimationFrame = (call) => frames.push(call);
"""


def due(script: str):
    made = "let count = 0; const due = new DueFrame(() => { count += 1; });"
    return answer("due-frame.js", f"(() => {{ {STAGE} {made} {script} }})()")


def test_a_frame_comes_sooner_when_somebody_asks_for_sooner():
    script = "due.in(500); due.in(100); return timers.filter(({ isOn }) => isOn)"

    assert [one["wait_ms"] for one in due(script)] == [100]


def test_a_frame_that_is_due_is_never_put_off():
    script = (
        "due.in(100); clock_ms = 60; due.in(100); return timers.map(({ wait_ms }) => wait_ms)"
    )

    assert due(script) == [100]


def test_after_its_frame_the_next_one_can_be_asked_for():
    script = """due.in(0);
        timers[0].call();
        frames[0]();
        due.in(500);
        return [count, timers.length];"""

    assert due(script) == [1, 2]


@pytest.mark.parametrize(("count", "waits_ms"), [(299, []), (1_000, [190]), (10_000, [550])])
def test_words_about_a_large_fleet_come_less_often(count, waits_ms):
    script = f"""(() => {{ {STAGE}
        const pace = new Pace(() => {{}}, () => {count});
        pace.add(new Set(["a"]));
        pace.add(new Set(["b"]));
        return timers.map(({{ wait_ms }}) => wait_ms);
    }})()"""

    assert answer("pace.js", script) == waits_ms


def test_all_that_changed_meanwhile_is_told_together():
    script = f"""(() => {{ {STAGE}
        let told = [];
        const pace = new Pace((ids) => {{ told = [...ids]; }}, () => 5000);
        for (const id of ["a", "b", "a"]) pace.add(new Set([id]));
        timers[0].call();
        return told;
    }})()"""

    assert answer("pace.js", script) == ["a", "b"]
