"""What the map's bench reads out of a browser's trace: each frame's own CPU time."""

import json

from bench.map.trace import frames_of

PAGE = {"pid": 1, "tid": 7}


def task(name, at_us, cpu_us, wall_us=None, **more):
    lasts = {"dur": wall_us or cpu_us, "tdur": cpu_us}
    return {"ph": "X", "name": name, "ts": at_us, **lasts, **PAGE, **more}


def frame(at_us):
    return {"ph": "I", "name": "BeginMainThreadFrame", "ts": at_us, **PAGE}


def drawing(at_us, cpu_us, wall_us):
    marks = [("bench:draw", at_us, 5_000), ("bench:drawn", at_us + wall_us, 5_000 + cpu_us)]
    return [
        {"ph": "I", "name": "TimeStamp", "ts": ts, "tts": tts, **PAGE}
        | {"args": {"data": {"message": message}}}
        for message, ts, tts in marks
    ]


def told(*events):
    return frames_of(json.dumps({"traceEvents": list(events)}).encode())


def test_drawing_costs_the_threads_cpu_time_and_not_what_others_took_meanwhile():
    found = told(frame(0), *drawing(100, cpu_us=4_000, wall_us=50_000), frame(60_000))

    assert (found.draw.cpu_ms, found.draw.wall_ms) == ((4.0,), (50.0,))


def test_all_that_a_frame_ran_is_added_up_and_a_call_within_a_call_counts_once():
    found = told(
        frame(0),
        *drawing(10, 100, 100),
        task("FunctionCall", 10, 2_000),
        task("FunctionCall", 10, 1_000),
        task("FunctionCall", 5_000, 1_500),
        frame(16_000),
        task("FunctionCall", 17_000, 700),
        frame(32_000),
    )

    assert found.script.cpu_ms == (3.5, 0.7)
    assert (found.count, found.seconds) == (2, 0.032)


def test_other_threads_and_idle_frames_are_left_out():
    found = told(
        frame(0),
        *drawing(10, 100, 100),
        task("RunTask", 5, 200),
        task("RunTask", 300, 9_000, tid=8),
        frame(16_000),
        task("RunTask", 17_000, 20),
        frame(32_000),
    )

    assert found.main.cpu_ms == (0.2,)
