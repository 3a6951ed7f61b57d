"""Standard Webhooks signatures."""

import pytest

from harbor.errors import Unauthenticated
from harbor.ingest.signature import sign, verify

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = 1_777_896_000
BODY = b'{"latitude":1}'


def headers(key=KEY, at=NOW, body=BODY):
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign("msg_1", at, body, key),
    }


@pytest.mark.parametrize("away_s", [0, 300, -300])
def test_a_fitting_signature_within_the_tolerance_passes(away_s):
    verify(headers(at=NOW + away_s), BODY, [KEY], NOW, 300)


@pytest.mark.parametrize("away_s", [301, -301])
def test_one_second_beyond_the_tolerance_is_refused(away_s):
    with pytest.raises(Unauthenticated, match="sign anew"):
        verify(headers(at=NOW + away_s), BODY, [KEY], NOW, 300)


def test_any_of_several_signatures_and_of_several_keys_may_fit():
    both = headers()
    both["webhook-signature"] = "v1,AAAA v1a,x " + sign("msg_1", NOW, BODY, OTHER)

    verify(both, BODY, [KEY, OTHER], NOW, 300)


def test_another_body_or_key_or_id_is_refused():
    for given, body, keys in (
        (headers(), BODY + b" ", [KEY]),
        (headers(), BODY, [OTHER]),
        (headers() | {"webhook-id": "msg_2"}, BODY, [KEY]),
        (headers(), BODY, []),
    ):
        with pytest.raises(Unauthenticated):
            verify(given, body, keys, NOW, 300)
