"""What the webhook says of positions that are older than they are kept."""

import pytest
from sqlalchemy import text

from tests.builders import moment, ping, post

DAY = 86_400


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"retention_days": 30})


def test_a_position_older_than_retention_is_422_and_kept_aside(client, cast, runtime):
    answer = post(client, cast.vinga, ping(recorded_at=moment(31 * DAY)))

    assert answer.status_code == 422
    assert [one["code"] for one in answer.json["errors"]] == ["timestamp_too_old"]
    with runtime.database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM rejected_report")) == 1


def test_a_position_younger_than_retention_is_stored(client, cast):
    assert post(client, cast.vinga, ping(recorded_at=moment(29 * DAY))).status_code == 201


def test_of_an_array_only_what_is_too_old_is_refused(client, cast):
    catch_up = [ping(recorded_at=moment(days * DAY)) for days in (29, 31)]

    answer = post(client, cast.vinga, catch_up)

    assert (answer.status_code, answer.json["accepted"]) == (201, 1)
    assert [one["index"] for one in answer.json["rejected"]] == [1]
