"""What Prometheus reads, and what the operator reads about it."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harbor.ops import metrics


def value(name, **labels):
    """Of this process, as it would be read."""
    for family in text_string_to_metric_families(metrics.page().decode()):
        for sample in family.samples:
            if (sample.name, sample.labels) == (name, labels):
                return sample.value
    return 0.0


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/positions", "ingest"),
        ("/api/v1/ingest/osmand/secret", "ingest"),
        ("/api/v1/vessels", "api"),
        ("/stream", "stream"),
        ("/static/js/map.js", "static"),
        ("/fleet/map", "page"),
        ("/ready", "health"),
        ("/wp-login.php", "other"),
    ],
)
def test_an_answer_counts_for_its_part_and_its_class_of_status(path, part):
    labels = {"part": part, "status": "4xx"}
    before = value("harbor_request_seconds_count", **labels)

    metrics.answered(path, 404, 0.02)

    assert value("harbor_request_seconds_count", **labels) == before + 1


def test_a_stream_is_no_slow_answer():
    before = metrics.page().count(b'part="stream",status="2xx"')

    metrics.answered("/stream", 200, 3600)

    assert metrics.page().count(b'part="stream",status="2xx"') == before


def test_what_an_audience_tallies_is_counted_in_the_units_of_the_metrics():
    tally = {"deliveries": 3, "send_us": 2_500_000, "closed_age": 2, "began_replay": 1}
    names = [
        ("harbor_stream_deliveries_total", {}),
        ("harbor_stream_send_seconds_total", {}),
        ("harbor_streams_closed_total", {"reason": "age"}),
        ("harbor_streams_begun_total", {"how": "replay"}),
    ]
    before = [value(name, **labels) for name, labels in names]

    metrics.streamed(tally)

    after = [value(name, **labels) for name, labels in names]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3, 2.5, 2, 1]


def test_the_operations_page_names_every_metric_and_no_other(project):
    known = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.REGISTRY.collect()
    }

    page = (project / "docs" / "operations.md").read_text()

    assert set(re.findall(r"`(harbor_[a-z_]+)`", page)) == known
