"""Two partners whose vessels are not the same: no answer has a byte of the other's."""

import json
import os
import signal
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from harbor.store import api_keys, trackers, vessels
from tests.builders import bearer, moment, ping
from tests.cast import Hull
from tests.journeys.crowd import Crowd
from tests.journeys.fleet_server import running, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(90)]

QUERIES = {
    "live": "",
    "all": "?mode=all",
    "some": "?mode=all&vessels={}",
    "box": "?mode=all&bbox=11.7,57.6,12,57.7",
    "kinds": "?mode=all&types=vessel,late",
    "now and then": "?max_rate=1",
}
NEAR, FAR = {"longitude": 11.8}, {"longitude": 10.1}


@pytest.fixture(scope="module")
def keys():
    return {}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, keys):
    """One worker, so that every stream meets the same hub; Hönö's partner beside Vinga's."""

    def more(runtime, cast):
        with runtime.database.session() as session:
            spare = vessels.add(session, cast.fleet_id, "Öckerö Queen", None, "265777888")
            tracker_id, secret = trackers.add(
                session, runtime.seal, cast.fleet_id, "Queen's", spare.id
            )
            theirs = [cast.hono.id, spare.id]
            _, keys["hono"] = api_keys.add(session, cast.fleet_id, "of Hönö", theirs)
        keys["vinga"] = cast.partner_of_vinga_key
        return [Hull(spare.id, "Öckerö Queen", "265777888", tracker_id, secret)]

    folder = tmp_path_factory.mktemp("harbor")
    with running(folder, more, workers=1, api_rate_per_minute=10_000) as server:
        yield server


def marks(fleet):
    """By partner, what can only be about its vessels."""
    cast, (queen,) = fleet.cast, fleet.hulls
    return {
        "vinga": [str(cast.vinga.id), "Vinga", "9074729", "265123456"],
        "hono": [str(cast.hono.id), "Hönö", "9319466", "265123457", str(queen.id), "Öckerö"],
    }


def of_the_other(fleet, partner):
    return [
        one.encode() for other, all_ in marks(fleet).items() if other != partner for one in all_
    ]


def assert_own_only(fleet, partner, said, what):
    """Something of its own, so that silence does not pass, and nothing of the other's."""
    strange = [mark.decode() for mark in of_the_other(fleet, partner) if mark in said]
    assert strange == [], what
    assert any(mark.encode() in said for mark in marks(fleet)[partner]), what


@pytest.fixture
def crowd(fleet):
    with Crowd(fleet) as one:
        yield one


def subscribe(crowd, fleet, keys, partner, is_gzip):
    """A stream of each kind; the caller by the name of its wish."""
    own = marks(fleet)[partner][0]
    encoding = {"Accept-Encoding": "gzip"} if is_gzip else {}
    headers = bearer(keys[partner]) | encoding
    return {
        name: crowd.add(1, query=query.format(own), headers=headers, keeps_frames=True)[0]
        for name, query in QUERIES.items()
    }


def sail(fleet, times=3):
    """Everybody moves, in and out of the box, reports late, and moves again."""
    hulls = [fleet.cast.vinga, fleet.cast.hono, *fleet.hulls]
    for number in range(times):
        for hull in hulls:
            where = NEAR if number % 2 == 0 else FAR
            assert fleet.post(hull, ping(**where)).status == 201
            assert fleet.post(hull, ping(recorded_at=moment(4000 + number))).status == 201


def rename_all(fleet, suffix):
    with desk(fleet) as session:
        for hull in (fleet.cast.vinga, fleet.cast.hono, *fleet.hulls):
            name = f"{hull.name} {suffix}"
            vessels.rename(session, fleet.cast.fleet_id, str(hull.id), name)


@contextmanager
def desk(fleet):
    """As the command line writes, without starting it each time."""
    engine = create_engine(fleet.postgres.url)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
    engine.dispose()


def said_to(caller):
    return b"\n".join(frame.raw for frame in caller.frames)


def wait_for_word(callers, word):
    """Until each stream that takes events of vessels was told of the renaming."""
    streams = [one for name, one in callers.items() if name != "now and then"]
    wait_until(lambda: all(word.encode() in said_to(one) for one in streams), 20)


@pytest.mark.parametrize("is_gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("partner", ["vinga", "hono"])
def test_live_and_in_the_replay_a_partner_gets_no_byte_of_the_other(
    fleet, crowd, keys, partner, is_gzip
):
    callers = subscribe(crowd, fleet, keys, partner, is_gzip)
    word = f"{partner}{is_gzip}"
    sail(fleet)
    rename_all(fleet, f"live {word}")
    wait_for_word(callers, f"live {word}")

    for caller in callers.values():
        crowd.cut(caller)
    sail(fleet)
    rename_all(fleet, f"log {word}")
    for caller in callers.values():
        crowd.come_back(caller)
    wait_for_word(callers, f"log {word}")

    for caller in callers.values():
        crowd.cut(caller)
    sail(fleet)
    rename_all(fleet, f"history {word}")
    worker = fleet.workers()
    os.kill(worker[0], signal.SIGKILL)  # the next one has no log: it asks the history
    wait_until(lambda: fleet.workers() not in ([], worker) and fleet.is_ready(), 20)
    for caller in callers.values():
        crowd.come_back(caller)
    wait_for_word(callers, f"history {word}")

    for name, caller in callers.items():
        assert caller.kinds().count("snapshot") == 1, "resumed, not begun afresh"
        assert_own_only(fleet, partner, said_to(caller), name)


@pytest.mark.parametrize("partner", ["vinga", "hono"])
def test_a_resync_and_the_positions_from_the_archive_are_a_partners_own(
    fleet, crowd, keys, partner
):
    callers = subscribe(crowd, fleet, keys, partner, is_gzip=False)
    fleet.valkey.kill()
    wait_until(lambda: all("feed" in one.kinds() for one in callers.values()), 15)
    sail(fleet, times=1)
    wait_until(lambda: b"event: position" in said_to(callers["live"])[-800:], 10)
    fleet.valkey.restart()
    wait_until(lambda: all("resync" in one.kinds() for one in callers.values()), 20)
    with Redis.from_url(fleet.valkey.url) as redis:
        redis.flushall()
    sail(fleet)
    wait_until(lambda: callers["all"].kinds().count("resync") == 2, 20)

    for name, caller in callers.items():
        assert_own_only(fleet, partner, said_to(caller), name)


@pytest.mark.parametrize("partner", ["vinga", "hono"])
def test_no_answer_of_the_api_has_a_byte_of_the_other(fleet, keys, partner):
    sail(fleet)
    own, other = (
        marks(fleet)[one] for one in (partner, {"vinga": "hono"}.get(partner, "vinga"))
    )
    key = bearer(keys[partner])

    answers = {
        path: fleet.get(path, **key)
        for path in (
            "/api/v1/vessels",
            "/api/v1/vessels?bbox=10,57,12,58",
            "/api/v1/vessels?limit=1",
            f"/api/v1/vessels/{own[0]}",
            f"/api/v1/vessels/{own[0]}/track",
        )
    }
    refused = {
        path: fleet.get(path, **key)
        for path in (
            f"/api/v1/vessels/{other[0]}",
            f"/api/v1/vessels/{other[0]}/track",
            f"/stream?vessels={other[2]}",
        )
    }

    for path, answer in answers.items():
        assert answer.status == 200, path
        assert_own_only(fleet, partner, answer.data + str(answer.headers).encode(), path)
    for path, answer in refused.items():
        assert answer.status in {400, 404}, path
        said = json.loads(answer.data)
        told = [mark for mark in other if mark in json.dumps(said, ensure_ascii=False)]
        assert [mark for mark in told if mark not in path] == [], path


def test_a_vessel_that_is_retired_is_gone_for_its_partner_and_never_was_for_the_other(
    fleet, crowd, keys
):
    theirs = subscribe(crowd, fleet, keys, "hono", is_gzip=False)
    others = subscribe(crowd, fleet, keys, "vinga", is_gzip=False)
    with desk(fleet) as session:
        added = vessels.add(session, fleet.cast.fleet_id, "Öckerö Princess")
        now = datetime.now(UTC)
        vessels.retire(session, fleet.cast.fleet_id, str(added.id), now)
    rename_all(fleet, "after it")
    wait_for_word(theirs, "after it")
    wait_for_word(others, "after it")

    for name, caller in others.items():
        assert_own_only(fleet, "vinga", said_to(caller), name)
    for caller in theirs.values():
        assert str(added.id).encode() not in said_to(caller), "nobody's key names her"
