"""The load: trackers that send in order and out of order, twice, in arrays, and again.

Positions are metres apart, so that nothing looks like a teleport, and every ping has a
content of its own, so that an exchanged one shows.
"""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

import urllib3

from harbor.fleet.geojson import moment_of
from tests.builders import signed
from tests.proof.history import Answer, Content, Ping, Post
from tests.proof.rig import Rig

LANES = 6
PATIENCE_SECONDS = 8.0
PAUSE_SECONDS = (0.002, 0.03)
RETRY_SECONDS = (0.1, 0.6)
RETRY_SHARE = 0.6
DAYS_OLD_MAX = 3
MEMORY = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """A tracker that reports for one vessel; a shared one must name it."""

    vessel_id: str
    tracker_id: UUID
    secret: str
    is_shared: bool = False


class Times:
    """Times that no two pings share, in microseconds: now, or some seconds ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: set[int] = set()

    def take(self, seconds_ago: float = 0.0) -> int:
        with self._lock:
            at = time.time_ns() // 1000 - int(seconds_ago * 1e6)
            while at in self._used:
                at += 1
            self._used.add(at)
            return at


class Load:
    """Several lanes, each a thread with its own dice; all they do is written into `posts`."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.posts: list[Post] = []
        self._url = f"{rig.url}/api/v1/positions"
        self._senders = senders_of(rig)
        self._times = Times()
        self._counter = iter(range(1, 10**9))
        self._http = urllib3.PoolManager(
            maxsize=4 * LANES,
            retries=False,
            timeout=urllib3.Timeout(connect=2, read=PATIENCE_SECONDS),
        )
        self._twins = ThreadPoolExecutor(3 * LANES)
        self._ended = threading.Event()
        self._lanes = [
            threading.Thread(target=self._run, args=(Random(seed * 1000 + n),), daemon=True)
            for n in range(LANES)
        ]

    def start(self) -> None:
        for lane in self._lanes:
            lane.start()

    def stop_after(self, seconds: float) -> None:
        """Begin nothing new from then on; `stop` still has to be called."""
        threading.Timer(seconds, self._ended.set).start()

    def stop(self) -> None:
        """Ask all lanes to end, and wait until their last answers came."""
        self._ended.set()
        for lane in self._lanes:
            if lane.ident is not None:
                lane.join(2 * PATIENCE_SECONDS)
        self._twins.shutdown()
        self._http.clear()

    def acknowledged(self) -> int:
        return sum(post.status in {200, 201} for post in list(self.posts))

    def _run(self, dice: Random) -> None:
        lane = Lane(self, dice)
        while not self._ended.wait(dice.uniform(*PAUSE_SECONDS)):
            lane.step()

    def new_ping(self, sender: Sender, dice: Random, seconds_ago: float = 0.0) -> Ping:
        n = next(self._counter)
        content = Content(57.5 + n * 1e-7, 11.5 + dice.randrange(1000) * 1e-7, n % 300 / 10)
        at = self._times.take(seconds_ago)
        return Ping(sender.vessel_id, at, str(sender.tracker_id), content)

    def pick(self, dice: Random) -> Sender:
        return dice.choice(self._senders)

    def send(self, sender: Sender, pings: list[Ping], is_array: bool = False) -> Post:
        documents = [document(sender, ping) for ping in pings]
        body = json.dumps(documents if is_array else documents[0]).encode()
        headers = signed(body, sender.tracker_id, sender.secret)
        sent_at = time.monotonic()
        try:
            response = self._http.request("POST", self._url, body=body, headers=headers)
            status, answers = response.status, read_answers(response, len(pings), is_array)
        except urllib3.exceptions.HTTPError:
            status, answers = None, (Answer.UNKNOWN,) * len(pings)
        post = Post(tuple(pings), answers, status, sent_at, time.monotonic())
        self.posts.append(post)
        return post

    def send_at_once(self, sender: Sender, pings: list[Ping]) -> list[Post]:
        """Each ping in a request of its own, all at the same time."""
        return list(self._twins.map(lambda ping: self.send(sender, [ping]), pings))


@dataclass
class Lane:
    """One thread's habits; remembers what to send again."""

    load: Load
    dice: Random

    def __post_init__(self) -> None:
        self.held_back: list[tuple[float, Sender, list[Ping]]] = []
        self.sent: list[tuple[Sender, Ping]] = []
        habits = {
            self.live: 50,
            self.hold_back: 12,
            self.buffered: 8,
            self.array: 8,
            self.again: 8,
            self.twins: 12,
            self.nonsense: 2,
        }
        self.habits, self.weights = list(habits), list(habits.values())

    def step(self) -> None:
        due = [one for one in self.held_back if one[0] <= time.monotonic()]
        if due:
            self.held_back.remove(due[0])
            self.post(due[0][1], due[0][2])
        else:
            (habit,) = self.dice.choices(self.habits, self.weights)
            habit(self.load.pick(self.dice))

    def post(self, sender: Sender, pings: list[Ping]) -> None:
        post = self.load.send(sender, pings, is_array=len(pings) > 1)
        self.keep_in_mind(sender, post)

    def keep_in_mind(self, sender: Sender, post: Post) -> None:
        """What failed is sent again, as most trackers do; some forget it."""
        if post.status in {None, 503} and self.dice.random() < RETRY_SHARE:
            due = time.monotonic() + self.dice.uniform(*RETRY_SECONDS)
            self.held_back.append((due, sender, list(post.pings)))
        elif post.status in {200, 201}:
            self.sent = [*self.sent, *((sender, ping) for ping in post.pings)][-MEMORY:]

    def live(self, sender: Sender) -> None:
        self.post(sender, [self.load.new_ping(sender, self.dice)])

    def hold_back(self, sender: Sender) -> None:
        """Leaves later than younger ones: out of order."""
        due = time.monotonic() + self.dice.uniform(0.05, 1.0)
        self.held_back.append((due, sender, [self.load.new_ping(sender, self.dice)]))

    def buffered(self, sender: Sender) -> None:
        """Days of a vessel that was out of reach, in any order."""
        ages = [
            self.dice.uniform(60, DAYS_OLD_MAX * 86400) for _ in range(self.dice.randint(1, 40))
        ]
        self.post(sender, [self.load.new_ping(sender, self.dice, age) for age in ages])

    def array(self, sender: Sender) -> None:
        """New ones in any order, some twice, mixed with known ones of the same sender."""
        pings = [self.load.new_ping(sender, self.dice) for _ in range(self.dice.randint(2, 6))]
        known = [ping for by, ping in self.sent[-20:] if by == sender][:2]
        mixed = [*pings, pings[0], *known]
        self.dice.shuffle(mixed)
        self.post(sender, mixed)

    def again(self, _: Sender) -> None:
        """The same key again, sometimes with another content."""
        if self.sent:
            sender, ping = self.dice.choice(self.sent)
            self.post(sender, [self.other(ping) if self.dice.random() < 0.5 else ping])

    def twins(self, sender: Sender) -> None:
        """A new ping several times at the same moment; now and then they contradict."""
        ping = self.load.new_ping(sender, self.dice)
        other = self.other(ping) if self.dice.random() < 0.3 else ping
        for post in self.load.send_at_once(sender, [ping, other, ping]):
            self.keep_in_mind(sender, post)

    def nonsense(self, sender: Sender) -> None:
        """Breaks the contract; must be refused and never be seen."""
        ping = self.load.new_ping(sender, self.dice)
        self.post(sender, [replace(ping, content=replace(ping.content, latitude=91.0))])

    def other(self, ping: Ping) -> Ping:
        content = replace(ping.content, longitude=ping.content.longitude + 1e-5)
        return replace(ping, content=content)


def senders_of(rig: Rig) -> list[Sender]:
    """Each vessel's own tracker, and the fleet's shared key beside it."""
    found = []
    for hull in rig.senders:
        found.append(Sender(str(hull.id), hull.tracker_id, hull.secret))
        found.append(Sender(str(hull.id), rig.cast.shore_id, rig.cast.shore_secret, True))
    return found


def document(sender: Sender, ping: Ping) -> dict[str, object]:
    content = ping.content
    said: dict[str, object] = {
        "recorded_at": moment_of(ping.recorded_us).isoformat().replace("+00:00", "Z"),
        "latitude": content.latitude,
        "longitude": content.longitude,
        "speed_knots": content.speed_knots,
    }
    return said | {"vessel": ping.vessel_id} if sender.is_shared else said


def read_answers(
    response: urllib3.BaseHTTPResponse, count: int, is_array: bool
) -> tuple[Answer, ...]:
    if response.status == 503 and "Retry-After" in response.headers:
        return (Answer.UNAVAILABLE,) * count
    if response.status >= 500:
        return (Answer.BROKEN,) * count
    if response.status >= 400:
        return (Answer.REFUSED,) * count
    said = response.json()
    return _array_answers(said, count) if is_array else (_single_answer(said),)


def _single_answer(said: dict) -> Answer:
    if said["verdict"] == "duplicate":
        return Answer.IDENTICAL if said["identical"] else Answer.DIFFERENT
    return {"accepted": Answer.CREATED, "quarantined": Answer.QUARANTINED}[said["verdict"]]


def _array_answers(said: dict, count: int) -> tuple[Answer, ...]:
    """An array's answer counts; only when all are new it says so of each."""
    answers = [Answer.CREATED if said["accepted"] == count else Answer.KEPT] * count
    for one in said["rejected"]:
        answers[one["index"]] = Answer.REFUSED
    for one in said["quarantined"]:
        answers[one["index"]] = Answer.QUARANTINED
    return tuple(answers)
