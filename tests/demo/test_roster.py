"""What the demo puts into the database."""

from sqlalchemy import create_engine, text

from harbor.demo.folder import Keys
from harbor.demo.roster import sign_on
from harbor.demo.sailing import berths


def test_every_start_puts_in_the_berths_that_are_missing_and_leaves_the_others(settings):
    keys = sign_on(settings, Keys(), lambda new: new).keys
    engine = create_engine(settings.database_url.get_secret_value())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM berth WHERE name = 'Stenpiren'"))
        connection.execute(text("UPDATE berth SET latitude = 1 WHERE name = 'Arendal'"))

    sign_on(settings, keys, lambda new: new)

    with engine.begin() as connection:
        found = connection.execute(text("SELECT name, latitude FROM berth")).all()
    engine.dispose()
    assert {name for name, _ in found} == {one.name for one in berths()}
    assert dict(found)["Arendal"] == 1
