"""Events on their way into a page: in order, in pieces, and never for ever."""

from tests.static.scripts import answer

STAGE = """
    const frames = [];
    globalThis.document = { hidden: false, addEventListener() {} };
    globalThis.requestAnimationFrame = (call) => frames.push(call);
    const taken = [];
    let clock_ms = 0;
    Object.defineProperty(globalThis, "performance", { value: { now: () => clock_ms } });
    const events = (from, count) =>
      Array.from({ length: count }, (_, i) => ["position", JSON.stringify(from + i)]);
"""


def queue(script: str, work: str = "taken.push(data)"):
    made = f"const queue = new EventQueue((name, data) => {{ {work}; }});"
    return answer("live-queue.js", f"(() => {{ {STAGE} {made} {script} }})()")


def test_a_few_events_are_taken_as_they_come():
    assert queue("queue.push(events(0, 3)); return taken") == [0, 1, 2]


def test_thousands_are_taken_in_order_over_several_frames():
    script = """queue.push(events(0, 3000));
        queue.push(events(3000, 10));
        const atOnce = taken.length;
        let count = 0;
        for (let now = 16; frames.length > 0; now += 16, count += 1) frames.shift()(now);
        return [atOnce, count >= 30, taken.length, taken.every((one, i) => one === i)];"""

    found = queue(script, "taken.push(data); clock_ms += 0.0625")

    assert found == [0, True, 3010, True]


def test_a_page_with_rare_frames_takes_more_in_each():
    script = "queue.push(events(0, 3000)); frames.shift()(400); return taken.length"

    assert queue(script, "taken.push(data); clock_ms += 0.0625") == 1600


def test_after_a_calm_the_first_frame_takes_no_more_than_any_other():
    script = """clock_ms = 5000;
        queue.push(events(0, 3000));
        frames.shift()(5016);
        return taken.length;"""

    assert queue(script, "taken.push(data); clock_ms += 0.0625") <= 100


def test_a_hidden_page_takes_all_at_once_because_it_has_no_frames():
    script = "document.hidden = true; queue.push(events(0, 500)); return taken.length"

    assert queue(script) == 500


def test_who_falls_too_far_behind_catches_up_at_once():
    script = """for (let i = 0; i < 31; i += 1) queue.push(events(i * 1000, 1000));
        return taken.length;"""

    assert queue(script) == 31_000
