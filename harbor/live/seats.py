"""How many streams, or replays, a worker carries, and how many of them one caller may hold."""

from harbor.errors import TooMany, Unavailable, come_back


class Seats:
    """Counts what is open in one worker, all and by caller; `thing` is what it is called."""

    def __init__(self, most: int, thing: str = "streams", advice: str = "close one") -> None:
        self.most = most
        self.taken = 0
        self._thing = thing
        self._advice = advice
        self._held: dict[str, int] = {}

    def take(self, caller: str, most: int) -> str:
        """Raises Unavailable when the worker is full, TooMany when the caller has enough."""
        if self.taken >= self.most:
            raise Unavailable(f"This worker has as many {self._thing} as it can carry.")
        held = self._held.get(caller, 0)
        if held >= most:
            raise TooMany(
                f"You have {most} {self._thing} open here, which is your share:"
                f" {self._advice}.",
                come_back(),
            )
        self.taken += 1
        self._held[caller] = held + 1
        return caller

    def give_back(self, caller: str) -> None:
        self.taken -= 1
        self._held[caller] -= 1
        if not self._held[caller]:
            del self._held[caller]
