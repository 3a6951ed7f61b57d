"""What errors tell the caller."""

from harbor.errors import Unavailable


def test_those_who_are_sent_away_together_do_not_come_back_together():
    waits = {Unavailable("away").retry_after_s for _ in range(200)}

    assert waits == {1, 2, 3, 4, 5}


def test_a_wait_that_is_given_is_kept():
    assert Unavailable("full", 3).retry_after_s == 3
