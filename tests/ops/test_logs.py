"""What an operator reads at three in the morning."""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace

from gunicorn.config import Config

from harbor.ops.access_log import AccessLogger
from harbor.ops.logs import configure, logging_config


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def access_logger(**settings) -> AccessLogger:
    config = Config()
    config.set("accesslog", "-")
    for name, value in settings.items():
        config.set(name, value)
    config.set("logconfig_dict", logging_config("INFO"))
    return AccessLogger(config)


def answered(**changes) -> SimpleNamespace:
    given = {"status": "200 OK", "sent": 12, "headers": [("X-Request-ID", "abc")]}
    return SimpleNamespace(**(given | changes))


REQUEST = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/stream",
    "QUERY_STRING": "vessels=9074729",
    "RAW_URI": "/stream?vessels=9074729",
    "REMOTE_ADDR": "127.0.0.1",
}


def test_gunicorns_access_line_has_fields_and_no_query(capfdbinary):
    access_logger().access(answered(), None, REQUEST, timedelta(seconds=0.25))

    line = json.loads(capfdbinary.readouterr().out)
    assert line["event"] == "request.answered"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/stream", 200)
    assert (line["request_id"], line["seconds"], line["bytes"]) == ("abc", 0.25, 12)
    assert line["at"].endswith("Z")
    assert "9074729" not in json.dumps(line)


def test_a_request_that_gunicorn_refused_itself_has_a_line_too(capfdbinary):
    refused = answered(status="400 Bad Request", headers=[])

    access_logger().access(refused, None, {"REMOTE_ADDR": "127.0.0.1"}, timedelta())

    line = json.loads(capfdbinary.readouterr().out)
    assert (line["status"], line["path"], line["request_id"]) == (400, None, None)


def test_other_libraries_lines_are_json_too(capsys):
    configure("INFO")

    logging.getLogger("gunicorn.error").warning("Booting %s", "worker")

    [line] = lines(capsys)
    assert (line["event"], line["level"]) == ("Booting worker", "warning")
    assert line["at"].endswith("Z")
