"""The door's own reading: addresses, credentials and parcels that anybody may send."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Malformed, TooLarge, Unauthenticated
from harbor.fleet_api.body import inflated
from harbor.fleet_api.door import PATH, Address, read_address, token_of

LATIN_1 = st.text(st.characters(max_codepoint=255), max_size=60)
"""What WSGI makes of a line's bytes."""


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("osmand", Address("osmand", "")),
        ("osmand/", Address("osmand", "")),
        ("osmand/abc", Address("osmand", "abc")),
        ("osmand/abc/", Address("osmand", "abc")),
        ("osmand/abc/def", Address("osmand", "abc/def")),
        ("", Address("", "")),
    ],
)
def test_an_address_is_a_format_and_a_secret(path, address):
    assert read_address(PATH + path) == address


@given(path=LATIN_1, scheme=st.sampled_from(["Basic ", "basic ", "Bearer ", ""]), rest=LATIN_1)
def test_whatever_comes_as_a_credential_is_a_text_or_refused(path, scheme, rest):
    environ = {"HTTP_AUTHORIZATION": scheme + rest}
    try:
        token = token_of(environ, read_address(PATH + path))
    except Unauthenticated:
        return

    assert 0 < len(token.encode()) <= 2 * 512


@given(st.binary(max_size=300))
def test_a_parcel_is_unpacked_up_to_the_limit_and_not_a_byte_further(content):
    packed = gzip.compress(content)

    assert inflated(packed, len(content)) == content
    if content:
        with pytest.raises(TooLarge):
            inflated(packed, len(content) - 1)


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=30))
def test_what_follows_a_parcel_or_is_missing_from_it_is_refused(content, more):
    packed = gzip.compress(content)

    for wrong in (packed + more, packed + packed, packed[: -len(more)]):
        with pytest.raises(Malformed):
            inflated(wrong, 1000)


@given(st.binary(max_size=60))
def test_what_is_no_parcel_is_refused_by_name(packed):
    with pytest.raises(Malformed):
        inflated(packed, 1000)
