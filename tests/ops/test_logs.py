"""What an operator reads at three in the morning."""

import json
import logging

from harbor.ops.logs import configure


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_gunicorns_access_line_has_fields_and_no_query(capsys):
    configure("INFO")
    atoms = {
        "m": "GET",
        "U": "/stream",
        "q": "vessels=9074729",
        "s": "200",
        "h": "127.0.0.1",
        "B": 12,
        "L": "0.25",
        "{x-request-id}o": "abc",
    }

    logging.getLogger("gunicorn.access").info("%(m)s %(U)s?%(q)s", atoms)

    [line] = lines(capsys)
    assert line["event"] == "request.answered"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/stream", 200)
    assert (line["request_id"], line["seconds"]) == ("abc", 0.25)
    assert "9074729" not in json.dumps(line)


def test_other_libraries_lines_are_json_too(capsys):
    configure("INFO")

    logging.getLogger("gunicorn.error").warning("Booting %s", "worker")

    [line] = lines(capsys)
    assert (line["event"], line["level"]) == ("Booting worker", "warning")
    assert line["at"].endswith("Z")
