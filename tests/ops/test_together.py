"""Questions that come in the same moment."""

import gevent
import pytest

from harbor.errors import Unavailable
from harbor.ops.together import Together


class Slow:
    """A question that takes a moment; counts how often it was asked."""

    def __init__(self, error=None):
        self.times = 0
        self._error = error

    def __call__(self):
        self.times += 1
        gevent.sleep(0.01)
        if self._error:
            raise self._error
        return self.times


def ask_together(slow, question="who"):
    together = Together()
    asked = [gevent.spawn(together.share, question, slow) for _ in range(5)]
    gevent.joinall(asked)
    return together, asked


def test_those_who_ask_together_get_one_answer():
    slow = Slow()

    _, asked = ask_together(slow)

    assert ([one.value for one in asked], slow.times) == ([1] * 5, 1)


def test_the_next_who_asks_gets_a_new_answer():
    slow = Slow()
    together, _ = ask_together(slow)

    assert together.share("who", slow) == 2


def test_different_questions_don_t_wait_for_each_other():
    slow, together = Slow(), Together()

    asked = [gevent.spawn(together.share, question, slow) for question in ("a", "b")]
    gevent.joinall(asked)

    assert slow.times == 2


def test_a_refusal_is_everybody_s():
    slow = Slow(Unavailable("PostgreSQL is away."))

    _, asked = ask_together(slow)

    assert {str(one.exception) for one in asked} == {"PostgreSQL is away."}
    assert slow.times == 1


def test_a_fault_is_the_askers_own_and_the_others_may_ask_again():
    slow = Slow(KeyError("a fault"))
    together = Together()

    asked = [gevent.spawn(quietly, together, slow) for _ in range(3)]
    gevent.joinall(asked)

    assert [one.value for one in asked] == ["KeyError", "Unavailable", "Unavailable"]


def quietly(together, slow):
    with pytest.raises((KeyError, Unavailable)) as caught:
        together.share("who", slow)
    return type(caught.value).__name__
