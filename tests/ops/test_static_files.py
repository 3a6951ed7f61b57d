"""Static files as browsers get them: versioned, kept, gzipped, in ranges."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask, url_for

from harbor.ops import static_files
from harbor.ops.static_files import FOR_EVER, StaticFiles

STYLE = b":root { color: red }\n" * 40
TREE = {
    "css/a.css": STYLE,
    "js/a.js": b'import "./b.js";',
    "js/b.js": b"",
    "img/x.png": b"\x89",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, body in TREE.items():
        (tmp_path / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / name).write_bytes(body)
    (tmp_path / "secret.txt").write_text("beside the folder")
    return tmp_path / "static"


@pytest.fixture
def site(folder: Path) -> Flask:
    app = Flask("site", static_folder=None)
    static_files.install(app, folder)
    return app


def address(site: Flask, name: str) -> str:
    with site.test_request_context():
        return url_for("static", filename=name)


def test_the_version_in_the_address_changes_with_a_files_content(folder):
    before = StaticFiles(folder).version
    assert StaticFiles(folder).version == before

    (folder / "css/a.css").write_bytes(STYLE + b"body { margin: 0 }")

    assert StaticFiles(folder).version != before


def test_the_version_depends_on_content_alone_so_all_workers_agree(folder):
    before = StaticFiles(folder).version

    (folder / "css/a.css").touch()

    assert StaticFiles(folder).version == before


def test_a_file_that_is_edited_gets_a_new_address_without_a_restart(folder, monkeypatch):
    monkeypatch.setattr(static_files, "LOOK_SECONDS", 0.0)
    files = StaticFiles(folder)
    before = files.version

    (folder / "css/a.css").write_bytes(b"body {}")

    assert files.version != before
    assert files.get("css/a.css").body == b"body {}"


def test_a_file_that_goes_away_while_the_folder_is_read_costs_nobody_a_page(
    folder, monkeypatch
):
    """An upgrade in place, or an editor, which renames a file over another."""
    read = Path.read_bytes

    def read_bytes(path):
        if path.name == "b.js":
            path.unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(static_files, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    files = StaticFiles(folder)

    assert files.get("js/a.js") is not None
    assert files.get("js/b.js") is None

    monkeypatch.undo()
    (folder / "js/b.js").write_bytes(b"export {};")

    assert StaticFiles(folder).get("js/b.js").body == b"export {};"


def test_a_versioned_address_is_kept_for_a_year(site):
    where = address(site, "css/a.css")
    answer = site.test_client().get(where)

    assert re.fullmatch(r"/static/v[0-9a-f]{12}/css/a\.css", where)
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert answer.data == STYLE


@pytest.mark.parametrize("where", ["/static/css/a.css", "/static/v000000000000/css/a.css"])
def test_another_address_of_the_file_is_asked_again_each_time(site, where):
    client = site.test_client()
    answer = client.get(where)

    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(where, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_gzip_is_used_for_who_accepts_it_and_nobody_else(site):
    client = site.test_client()
    plain = client.get("/static/css/a.css")
    zipped = client.get("/static/css/a.css", headers={"Accept-Encoding": "br, gzip"})
    refused = client.get("/static/css/a.css", headers={"Accept-Encoding": "gzip;q=0"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data == refused.data == STYLE
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert len(zipped.data) < len(STYLE) / 4
    assert {one.headers["Vary"] for one in (plain, zipped)} == {"Accept-Encoding"}


def test_what_gzip_cannot_shorten_is_sent_as_it_is(site):
    answer = site.test_client().get("/static/img/x.png", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
    assert answer.mimetype == "image/png"


def test_a_range_counts_the_bytes_of_the_file_itself(site):
    headers = {"Range": "bytes=0-4", "Accept-Encoding": "gzip"}
    answer = site.test_client().get("/static/css/a.css", headers=headers)

    assert answer.status_code == 206
    assert answer.data == STYLE[:5]
    assert answer.headers["Content-Range"] == f"bytes 0-4/{len(STYLE)}"


def test_head_says_the_length_and_sends_nothing(site):
    answer = site.test_client().head("/static/css/a.css")

    assert answer.content_length == len(STYLE)
    assert answer.data == b""


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "css/../../secret.txt",
        "%2e%2e/secret.txt",
        "css",
        "",
    ],
)
def test_nothing_outside_the_folder_can_be_read(site, path):
    for prefix in ("/static/", "/static/v000000000000/"):
        assert site.test_client().get(prefix + path).status_code in {301, 308, 404}


def test_locks_and_folders_being_unpacked_are_not_served(site, folder):
    (folder / ".lock").write_text("")

    assert StaticFiles(folder).get(".lock") is None


def test_the_whole_folder_of_harbor_is_served_as_it_is_on_the_disk(client):
    answer = client.get("/static/css/tokens.css")
    on_disk = (Path(__file__).parents[2] / "static/css/tokens.css").read_bytes()

    assert hashlib.sha256(answer.data).digest() == hashlib.sha256(on_disk).digest()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
