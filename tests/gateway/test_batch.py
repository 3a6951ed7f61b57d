"""Which lines go together."""

from hypothesis import given
from hypothesis import strategies as st

from harbor.gateway.batch import PART_PATIENCE_MS, Size, choose
from harbor.gateway.entry import Part, Row

NOW_MS = 1_777_896_000_000


def row(number, age_ms=60_000, part=None, body=b"x" * 9):
    return Row(number, NOW_MS - age_ms, body, part)


def parts(key, *numbers, total=2):
    return [Part(key, number, total) for number in numbers]


def ids(rows, lines=500, size=262_144):
    return [one.id for one in choose(rows, Size(lines, size), NOW_MS)]


def test_the_oldest_lines_go_first_as_many_as_fit():
    rows = [row(n, 60_000 - 200 * n) for n in range(10)]

    assert ids(rows, lines=4) == [0, 1, 2, 3]
    assert ids(rows, size=25) == [0, 1]
    assert ids(rows, size=1) == [0]


def test_a_message_of_several_lines_is_never_torn_apart():
    first, second = parts("a", 1, 2)
    rows = [row(1), row(2, part=second), row(3), row(4, part=first), row(5)]

    assert ids(rows, lines=2) == [1, 2, 4]


def test_a_part_waits_for_its_partner_and_not_for_ever():
    [first] = parts("a", 1)
    young = [row(1, 5_000, first), row(2, 4_000)]
    old = [row(1, PART_PATIENCE_MS, first), row(2, 4_000)]

    assert ids(young) == [2]
    assert ids(old) == [1, 2]


def test_a_sequence_number_that_comes_round_again_begins_another_message():
    first, second = parts("a", 1, 2)
    rows = [row(1, 60_000, first), row(2, 40_000, first), row(3, 39_900, second)]

    assert ids(rows, lines=2) == [1, 2, 3]


def test_a_batch_ends_in_a_pause_so_that_a_burst_stays_together():
    ages = [3000, 2990, 2980, 2000, 1990, 1980]
    rows = [row(n, age) for n, age in enumerate(ages)]

    assert ids(rows, lines=5) == [0, 1, 2]
    assert ids(rows) == [0, 1, 2, 3, 4, 5]


def test_where_there_is_no_pause_a_batch_is_filled():
    rows = [row(n, 60_000) for n in range(200)]

    assert len(ids(rows, lines=150)) == 150


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, *parts("a", 1, 2, 3, total=3), *parts("b", 1, 2)]),
            st.integers(0, 30_000),
        ),
        max_size=30,
    ),
    st.integers(1, 8),
)
def test_whatever_comes_nothing_is_taken_twice_and_the_old_moves_on(given_rows, lines):
    ages = sorted((age for _, age in given_rows), reverse=True)
    rows = [row(n, ages[n], part) for n, (part, _) in enumerate(given_rows)]

    chosen = ids(rows, lines)

    assert chosen == sorted(set(chosen))
    if rows and ages[0] >= 3 * PART_PATIENCE_MS:
        assert chosen
