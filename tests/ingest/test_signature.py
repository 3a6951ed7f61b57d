"""Standard Webhooks signatures."""

import pytest

from harbor.errors import Unauthenticated
from harbor.ingest.signature import (
    SIGNATURES_MAX,
    given_signatures,
    is_signed_by,
    prepared,
    sign,
    signed_content,
)

KEY, OTHER = prepared(b"k" * 32), prepared(b"o" * 32)
NOW = 1_777_896_000
BODY = b'{"latitude":1}'
CONTENT = signed_content("msg_1", str(NOW), BODY)
SIGNATURE = sign("msg_1", NOW, BODY, b"k" * 32)


def test_a_signature_fits_its_own_key_and_content_only():
    assert is_signed_by(KEY, CONTENT, [SIGNATURE])
    assert not is_signed_by(OTHER, CONTENT, [SIGNATURE])
    assert not is_signed_by(KEY, signed_content("msg_2", str(NOW), BODY), [SIGNATURE])
    assert not is_signed_by(KEY, CONTENT + b" ", [SIGNATURE])


def test_a_prepared_key_signs_any_number_of_messages():
    assert [is_signed_by(KEY, CONTENT, [SIGNATURE]) for _ in range(3)] == [True] * 3


def test_one_of_several_signatures_is_enough():
    header = f"v1,AAAA v1a,x {sign('msg_1', NOW, BODY, b'o' * 32)} {SIGNATURE}"

    assert is_signed_by(KEY, CONTENT, given_signatures(header))


def test_only_so_many_signatures_are_compared():
    header = "v1,AAAA " * SIGNATURES_MAX + SIGNATURE

    assert not is_signed_by(KEY, CONTENT, given_signatures(header))


@pytest.mark.parametrize("header", ["", "v1,é", "v1," + "A" * 1024])
def test_a_signature_that_no_header_can_be_is_refused(header):
    with pytest.raises(Unauthenticated, match="webhook-signature is missing"):
        given_signatures(header)


@pytest.mark.parametrize(
    ("message_id", "timestamp", "complaint"),
    [
        ("", "1", "webhook-id"),
        ("é", "1", "webhook-id"),
        ("m" * 1025, "1", "webhook-id"),
        ("m", "", "webhook-timestamp"),
        ("m", "soon", "Unix seconds"),
        ("m", "-1", "Unix seconds"),
        ("m", "1" * 13, "Unix seconds"),
    ],
)
def test_an_id_or_time_that_cannot_be_one_is_refused(message_id, timestamp, complaint):
    with pytest.raises(Unauthenticated, match=complaint):
        signed_content(message_id, timestamp, BODY)
