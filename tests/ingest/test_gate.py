"""Who is let in by the gate, and that refusals can't be told apart."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from harbor.errors import Forbidden, TooMany, Unauthenticated, Unavailable
from harbor.ingest.contents import Contents, Key, TrackerIdentity, bearers_of, nobodys_key
from harbor.ingest.failures import Failures
from harbor.ingest.gate import Gate
from harbor.ingest.signature import prepared, sign
from harbor.store.trackers import token_of
from tests.builders import FLEET, TRACKER, VESSEL

NOW_S = 1_777_896_000
FOR_EVER = float("inf")
BODY = b'{"latitude":1}'
NEW, OLD, SHORE = b"n" * 32, b"o" * 32, b"s" * 32
STRANGER = UUID(int=7)


class FakeDirectory:
    """Shows one reading, then the next ones; counts how often it was asked for news."""

    def __init__(self, *readings):
        self._readings = list(readings)
        self.looks = 0

    def contents(self):
        return self._readings[0]

    def look_anew(self):
        self.looks += 1
        if len(self._readings) > 1:
            self._readings.pop(0)
            return True
        return False


def key(secret, until_s=FOR_EVER):
    return Key(prepared(secret), until_s)


VINGA = TrackerIdentity(TRACKER, FLEET, VESSEL, (key(NEW), key(OLD, NOW_S + 60)))
GATEWAY = TrackerIdentity(UUID(int=9), FLEET, None, (key(SHORE), nobodys_key()))


def reading(*trackers):
    return Contents(
        revision="1",
        fleet_ids=(FLEET,),
        named={str(one.id): one for one in trackers},
        shared=tuple(one for one in trackers if one.vessel_id is None),
    )


def knock(directory, named=str(TRACKER), secret=NEW, after_s=0, signed_after_s=0):
    now_s = NOW_S + after_s
    gate = Gate(directory, lambda: datetime.fromtimestamp(now_s, UTC), 300, Failures(30))
    at = now_s + signed_after_s
    return gate.open(named, "msg_1", str(at), sign("msg_1", at, BODY, secret), BODY)


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_both_secrets_open_while_both_are_valid(secret):
    directory = FakeDirectory(reading(VINGA, GATEWAY))

    assert knock(directory, secret=secret) is VINGA
    assert directory.looks == 0


def test_the_previous_secret_opens_until_its_end_and_not_after():
    directory = FakeDirectory(reading(VINGA))

    assert knock(directory, secret=OLD, after_s=59) is VINGA
    with pytest.raises(Unauthenticated):
        knock(directory, secret=OLD, after_s=60)


def test_a_tracker_s_id_may_be_in_capitals():
    assert knock(FakeDirectory(reading(VINGA)), named=str(TRACKER).upper()) is VINGA


def test_without_a_name_the_fleet_s_shared_secret_opens():
    assert knock(FakeDirectory(reading(VINGA, GATEWAY)), named=None, secret=SHORE) is GATEWAY


def test_without_a_name_a_vessel_s_own_secret_does_not_open():
    with pytest.raises(Unauthenticated):
        knock(FakeDirectory(reading(VINGA, GATEWAY)), named=None)


@pytest.mark.parametrize("away_s", [300, -300])
def test_a_signing_time_within_the_tolerance_opens(away_s):
    assert knock(FakeDirectory(reading(VINGA)), signed_after_s=away_s) is VINGA


@pytest.mark.parametrize("away_s", [301, -301])
def test_one_second_beyond_the_tolerance_is_refused_to_who_has_the_key(away_s):
    with pytest.raises(Unauthenticated, match="sign anew"):
        knock(FakeDirectory(reading(VINGA)), signed_after_s=away_s)


def test_what_a_newer_reading_knows_is_not_refused():
    directory = FakeDirectory(reading(), reading(), reading(VINGA))
    directory.contents()
    directory.look_anew()

    assert knock(directory) is VINGA


REFUSALS = {
    "wrong signature": (str(TRACKER), SHORE, reading(VINGA)),
    "unknown tracker": (str(STRANGER), NEW, reading(VINGA)),
    "no id at all": ("nobody", NEW, reading(VINGA)),
    "an empty id": ("", NEW, reading(VINGA)),
    "ended secret": (
        str(TRACKER),
        OLD,
        reading(replace(VINGA, keys=(key(NEW), key(OLD, NOW_S)))),
    ),
    "one secret only": (
        str(TRACKER),
        SHORE,
        reading(replace(VINGA, keys=(key(NEW), nobodys_key()))),
    ),
    "no shared secret": (None, NEW, reading(VINGA)),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_every_refusal_has_the_same_words_and_looks_for_news_once(case):
    named, secret, contents = REFUSALS[case]
    directory = FakeDirectory(contents)

    with pytest.raises(Unauthenticated, match=r"^The signature does not fit this body, or"):
        knock(directory, named, secret)

    assert directory.looks == 1


@pytest.mark.parametrize("case", REFUSALS)
def test_every_refusal_hashes_the_message_twice(case, monkeypatch):
    named, secret, contents = REFUSALS[case]
    hashed = []
    monkeypatch.setattr(
        "harbor.ingest.gate.is_signed_by", lambda *given: bool(hashed.append(given))
    )

    with pytest.raises(Unauthenticated):
        knock(FakeDirectory(contents), named, secret)

    assert len(hashed) == 2


def test_a_tracker_whose_key_we_cannot_read_is_told_to_come_back():
    unreadable = replace(VINGA, keys=(nobodys_key(FOR_EVER, is_readable=False), nobodys_key()))

    with pytest.raises(Unavailable):
        knock(FakeDirectory(reading(unreadable)))


def test_a_key_we_cannot_read_stops_nobody_who_signs_with_the_other_one():
    half = replace(VINGA, keys=(nobodys_key(FOR_EVER, is_readable=False), key(OLD)))

    assert knock(FakeDirectory(reading(half)), secret=OLD) is half


def test_an_unreadable_key_that_has_ended_is_as_if_it_were_not_there():
    ended = replace(VINGA, keys=(key(NEW), nobodys_key(NOW_S, is_readable=False)))

    with pytest.raises(Unauthenticated):
        knock(FakeDirectory(reading(ended)), secret=OLD)


def token_key(secret, until_s=FOR_EVER):
    opened = sha256(token_of(secret).encode()).digest()
    return Key(prepared(secret), until_s, token_digest=opened)


PHONE = TrackerIdentity(
    UUID(int=11), FLEET, VESSEL, (token_key(NEW), token_key(OLD, NOW_S + 60)), "owntracks"
)
SIGNER = TrackerIdentity(UUID(int=12), FLEET, VESSEL, (token_key(SHORE), nobodys_key()))


def bearers(*trackers, unreadable=0):
    return replace(reading(*trackers), bearers=bearers_of(trackers), unreadable=unreadable)


def show(directory, secret=NEW, sent_as="owntracks", after_s=0, failures=None, knocker="a"):
    now_s = NOW_S + after_s
    gate = Gate(
        directory, lambda: datetime.fromtimestamp(now_s, UTC), 300, failures or Failures(30)
    )
    return gate.open_to_bearer(token_of(secret), sent_as, (knocker,))


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_both_tokens_open_while_both_are_valid(secret):
    directory = FakeDirectory(bearers(PHONE))

    assert show(directory, secret) is PHONE
    assert directory.looks == 0


def test_the_previous_token_opens_until_its_end_and_not_after():
    directory = FakeDirectory(bearers(PHONE))

    assert show(directory, OLD, after_s=59) is PHONE
    with pytest.raises(Unauthenticated):
        show(directory, OLD, after_s=60)


def test_an_unknown_token_is_refused_only_by_a_reading_that_began_after_it():
    directory = FakeDirectory(bearers(), bearers(PHONE))

    assert show(directory) is PHONE
    with pytest.raises(Unauthenticated):
        show(directory, SHORE)
    assert directory.looks == 2


def test_a_token_of_another_format_or_of_a_tracker_that_signs_is_forbidden():
    directory = FakeDirectory(bearers(PHONE, SIGNER))

    with pytest.raises(Forbidden, match="owntracks"):
        show(directory, sent_as="osmand")
    with pytest.raises(Forbidden, match="signs"):
        show(directory, SHORE)


UNREADABLE = replace(PHONE, keys=(nobodys_key(FOR_EVER, is_readable=False), nobodys_key()))


def test_while_a_key_of_the_format_can_not_be_read_nobody_is_refused_for_it():
    directory = FakeDirectory(bearers(UNREADABLE, unreadable=1))

    with pytest.raises(Unavailable):
        show(directory)
    with pytest.raises(Unauthenticated):
        show(directory, sent_as="osmand")


def test_a_token_is_looked_up_by_its_digest_only():
    assert all(len(digest) == 32 for digest in bearers(PHONE).bearers)
    assert token_of(NEW).encode() not in bearers(PHONE).bearers


def test_who_was_refused_too_often_costs_no_reading_and_a_good_token_goes_on():
    directory, failures = FakeDirectory(bearers(PHONE)), Failures(2)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            show(directory, SHORE, failures=failures)

    with pytest.raises(TooMany):
        show(directory, SHORE, failures=failures)

    assert directory.looks == 2
    assert show(directory, failures=failures) is PHONE
    with pytest.raises(Unauthenticated):
        show(directory, SHORE, failures=failures, knocker="b")
