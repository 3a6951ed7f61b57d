"""What a load balancer is told."""

from sqlalchemy import text

from harbor.store.database import broken_promises

GOOD = {
    "server_version_num": "180006",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "superuser_reserved_connections": "3",
}


def test_a_healthy_process_says_so(client, app):
    answer = client.get("/health")

    assert (answer.status_code, answer.json["status"]) == (200, "up")
    assert client.get("/ready").status_code == 200


def test_without_postgresql_it_is_down_but_answers(client, app, postgres):
    postgres.kill()
    try:
        health, ready = client.get("/health"), client.get("/ready")
    finally:
        postgres.restart()

    assert (health.status_code, health.json["database"]) == (503, "down")
    assert ready.status_code == 503


def test_without_valkey_it_is_still_ready_and_says_what_is_missing(client, app, valkey):
    valkey.kill()
    try:
        answer = client.get("/ready")
    finally:
        valkey.restart()

    assert (answer.status_code, answer.json["valkey"]) == (200, "down")


def test_trackers_whose_secrets_we_cannot_open_are_counted_but_turn_nobody_away(
    client, cast, runtime
):
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE tracker SET secret = 'x', revision = revision + 1 WHERE id = :id"),
            {"id": cast.hono.tracker_id},
        )

    answer = client.get("/ready")

    assert (answer.status_code, answer.json["unreadable_trackers"]) == (200, 1)


def test_a_worker_that_leaves_is_not_ready(client, runtime):
    runtime.leave()

    assert client.get("/ready").status_code == 503


def test_too_many_connections_are_refused_with_the_arithmetic(settings):
    many = settings.model_copy(update={"workers": 20})

    [complaint] = broken_promises(GOOD, many)

    assert "2 (a reload" in complaint
    assert "× 20 HARBOR_WORKERS × 5 (HARBOR_DATABASE_POOL_SIZE" in complaint
    assert "= 208, but max_connections is 100" in complaint


def test_a_database_that_may_lose_what_it_confirmed_is_refused_in_production(settings):
    unsafe = GOOD | {"fsync": "off"}

    assert broken_promises(unsafe, settings) == []
    live = settings.model_copy(update={"environment": "production"})
    assert "fsync=off" in broken_promises(unsafe, live)[0]


def test_an_older_postgresql_is_refused(settings):
    assert (
        "18 or newer" in broken_promises(GOOD | {"server_version_num": "150018"}, settings)[0]
    )
