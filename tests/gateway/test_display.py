"""What the gateway says of itself."""

import io

from rich.console import Console

from harbor.gateway.buffer import Waiting
from harbor.gateway.display import Log, Terminal, fields, line
from harbor.gateway.standing import Link, Progress, Standing

NOW = 1_777_896_000.0
NOTHING = Waiting(0, 0, None)


def standing(link=Link.UP, detail="", **counts):
    return Standing("listening on udp://0.0.0.0:10110", link, detail, counts, 12.4, 11.6, 3.2)


def test_one_line_says_what_matters():
    said = line(standing(read=1234, sent=1200, accepted=1100, duplicates=100), NOTHING, NOW)

    assert said.plain == (
        "● up · nothing waits · read 1,234 (12/s) · sent 1,200 (12/s) · accepted 1,100,"
        " duplicates 100 · listening on udp://0.0.0.0:10110"
    )


def test_what_waits_is_told_with_its_age():
    def waits(seconds, size=500):
        waiting = Waiting(3, size, int((NOW - seconds) * 1000))
        return line(standing(), waiting, NOW).plain.split(" · ")[1]

    assert waits(20) == "3 wait (0.5 kB, since 20 s)"
    assert waits(600, 2_500_000) == "3 wait (2.5 MB, since 10 min)"
    assert waits(36_000) == "3 wait (0.5 kB, since 10 h)"


def test_a_fault_is_told_first_and_losses_only_when_there_are_any():
    said = line(standing(Link.REFUSED, "401: no such tracker", no_room=7), NOTHING, NOW).plain

    assert said.startswith("✗ refused (401: no such tracker)")
    assert "no room for 7" in said
    assert "damaged" not in said


def test_a_log_has_each_figure_under_its_own_name():
    said = fields(standing(read=5, other=0), Waiting(1, 9, int(NOW * 1000) - 4000), NOW)

    assert said["waiting_s"] == 4
    assert said["lines"] == {"read": 5}
    assert (said["read_per_s"], said["last_sent_s"]) == (12.4, 3)


def test_a_terminal_keeps_the_last_line_and_a_log_is_quiet_between_its_minutes():
    out = io.StringIO()
    terminal = Terminal(Console(file=out, force_terminal=True, width=80))
    terminal.show(standing(), NOTHING)
    terminal.close(standing(read=9), NOTHING)
    log = Log(every_s=60)
    log.show(standing(), NOTHING)

    assert "read 9" in out.getvalue().splitlines()[-1] + out.getvalue()
    assert log._next_at > 0


def test_rates_are_those_since_the_look_before():
    progress = Progress()
    progress.count(read=10)

    first, second = progress.look(), progress.look()

    assert first.lines_per_s > 0
    assert second.lines_per_s == 0
    assert second.counts["read"] == 10


def test_news_of_the_link_are_told_once():
    progress = Progress()

    assert progress.say_link(Link.DOWN, "no route")
    assert not progress.say_link(Link.DOWN, "no route")
    assert progress.say_link(Link.UP)
