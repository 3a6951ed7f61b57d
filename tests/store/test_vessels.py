"""The vessels of a fleet, as they are read."""

from harbor.store import vessels


def test_a_whole_fleet_is_read_as_values_not_as_rows_that_could_be_changed(runtime, cast):
    """Ten thousand of those hold up all streams of a worker for 300 ms."""
    with runtime.database.session() as session:
        fleet = vessels.all_vessels(session, cast.fleet_id)

        assert not session.identity_map
        assert fleet == vessels.by_name(session, cast.fleet_id, 10)
