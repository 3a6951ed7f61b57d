"""Room for sockets."""

import resource

import pytest

from harbor.ops.descriptors import SPARE, room_for


@pytest.fixture(autouse=True)
def limits():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_process_asks_for_all_descriptors_that_it_may_have(limits):
    room_for(10, 10)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard == limits[1]


def test_there_is_room_for_no_more_streams_than_descriptors(limits):
    assert room_for(10, 10) == 10
    assert room_for(10**9, 50) == limits[1] - 50 - SPARE
    assert room_for(10, 10**9) == 1
