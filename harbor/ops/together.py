"""What many ask for in the same moment, done once."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from gevent.event import AsyncResult

from harbor.errors import HarborError, Unavailable

K = TypeVar("K")
V = TypeVar("V")


class Together(Generic[K, V]):
    """Whoever asks while another's question is under way gets that one's answer."""

    def __init__(self) -> None:
        self._under_way: dict[K, AsyncResult[V]] = {}

    def share(self, question: K, ask: Callable[[], V]) -> V:
        """What `ask` returns or raises; it must end by itself."""
        asked = self._under_way.get(question)
        if asked is not None:
            return cast("V", asked.get())
        mine: AsyncResult[V] = AsyncResult()
        self._under_way[question] = mine
        try:
            answer = ask()
        except HarborError as refusal:
            mine.set_exception(refusal)
            raise
        except BaseException:
            mine.set_exception(Unavailable("Somebody else's question failed; ask again."))
            raise
        finally:
            del self._under_way[question]
        mine.set(answer)
        return answer
