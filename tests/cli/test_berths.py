"""`harbor berth`, as an operator uses it."""

import json

import pytest

from harbor.fleet.berth import BERTHS_MAX

pytestmark = pytest.mark.usefixtures("fleet")

CSV = """name,latitude,longitude,radius_metres,remark
Arendal,57.6915,11.8258,200,
Öckerö,57.71,11.65,,x
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="berths"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def feature(name="Arendal", coordinates=(11.8258, 57.6915), **properties):
    point = {"type": "Point", "coordinates": coordinates}
    return {"type": "Feature", "geometry": point, "properties": {"name": name} | properties}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_an_added_berth_is_listed(ask):
    added = ask("berth", "add", " Lilla  Varholmen", "57.71", "11.71", "--radius", "90")

    assert ask("berth", "list") == [added]
    assert list(added) == ["id", "name", "latitude", "longitude", "radius_metres"]
    assert (added["name"], added["radius_metres"]) == ("Lilla Varholmen", 90)


def test_a_name_is_taken_in_any_case(run, ask):
    ask("berth", "add", "Arendal", "57.7", "11.8")

    result = run("berth", "add", "ARENDAL", "57.7", "11.8")

    assert result.exit_code == 1
    assert "exists already" in result.stderr


def test_a_berth_off_the_globe_is_refused(run):
    result = run("berth", "add", "Nowhere", "97", "11")

    assert result.exit_code == 1
    assert "latitude must be -90 to 90 degrees" in result.stderr


@pytest.mark.parametrize("reference", ["id", "name"])
def test_a_berth_is_moved_and_renamed_and_its_neighbour_is_not(ask, reference):
    bystander = ask("berth", "add", "Bystander", "57.6", "11.8")
    berth = ask("berth", "add", "Arendal", "57.7", "11.8")

    changed = ask(
        "berth", "change", berth[reference], "--name", "Quay 7", "--latitude", "57.71"
    )

    assert changed == berth | {"name": "Quay 7", "latitude": 57.71}
    assert ask("berth", "list") == [bystander, changed]


def test_a_change_of_nothing_is_refused(run, ask):
    ask("berth", "add", "Arendal", "57.7", "11.8")

    assert "Say what to change" in run("berth", "change", "Arendal").stderr


@pytest.mark.parametrize("word", ["remove", "revoke"])
def test_a_removed_berth_is_gone(ask, run, word):
    ask("berth", "add", "Arendal", "57.7", "11.8")

    ask("berth", word, "arendal")

    assert ask("berth", "list") == []
    assert "There is no berth 'Arendal'" in run("berth", word, "Arendal").stderr


@pytest.mark.parametrize(
    "text", [CSV, CSV.replace(",", ";"), "\ufeff" + CSV, CSV.replace("\n", "\r\n")]
)
def test_a_csv_file_is_taken_in_whatever_a_spreadsheet_made_of_it(ask, write, text):
    assert ask("berth", "import", write(text)) == {"added": 2, "changed": 0, "unchanged": 0}

    found = ask("berth", "list")
    assert [(one["name"], one["radius_metres"]) for one in found] == [
        ("Arendal", 200),
        ("Öckerö", 150),
    ]


def test_a_geojson_file_is_taken_and_may_be_taken_again(ask, write):
    file = write(collection(feature(radius_metres=80), feature("Öckerö", (11.65, 57.71, 2))))

    assert ask("berth", "import", file) == {"added": 2, "changed": 0, "unchanged": 0}
    assert ask("berth", "import", file) == {"added": 0, "changed": 0, "unchanged": 2}
    moved = write(collection(feature("ARENDAL", (11.9, 57.7))))
    assert ask("berth", "import", moved) == {"added": 0, "changed": 1, "unchanged": 0}
    assert ask("berth", "list")[0]["longitude"] == 11.9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,latitude\nA,57\n", "line 1: there is no column longitude"),
        (CSV.replace("57.71", "north"), "line 3: latitude"),
        (CSV.replace("57.71", "97.71"), "line 3: Not a berth: latitude must be"),
        (CSV.replace("Öckerö", "arendal"), "line 3: 'arendal' stands in line 2 already"),
        ('name,latitude,longitude\n"A,57,11\n', "line 2: unexpected end of data"),
        ('name,"latitude"x,longitude\nA,57,11\n', "line 1: ',' expected after"),
        ("{", "Not JSON"),
        ('{"type":"Feature"}', "Not a GeoJSON FeatureCollection"),
        (collection(feature(), {"type": "Feature"}), "feature 2: geometry: Field required"),
        (collection(feature(coordinates=[1])), "feature 1: geometry.coordinates"),
        (collection(feature(name="")), "feature 1: Not a berth: name must be"),
    ],
)
def test_a_file_with_one_wrong_berth_is_refused_at_its_place_and_nothing_is_kept(
    run, ask, write, text, words
):
    result = run("berth", "import", write(text))

    assert result.exit_code == 1
    assert words in result.stderr
    assert ask("berth", "list") == []


def test_a_file_that_is_no_text_is_refused(run, tmp_path):
    file = tmp_path / "berths.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0")

    assert "is not UTF-8" in run("berth", "import", file).stderr


def test_a_file_that_is_too_large_is_refused(run, tmp_path):
    file = tmp_path / "berths.csv"
    file.write_bytes(b" " * 5_000_001)

    assert "is larger than 5,000,000 bytes" in run("berth", "import", file).stderr


def test_a_fleet_has_as_many_berths_as_its_pages_show_and_no_more(run, ask, write):
    lines = [f"Berth {number},57.7,11.8,," for number in range(BERTHS_MAX)]
    full = write("\n".join([CSV.partition("\n")[0], *lines]))
    over = write("\n".join([CSV.partition("\n")[0], *lines, "One more,57.7,11.8,,"]), "over")

    refused = run("berth", "import", over)
    nothing = ask("berth", "list")
    taken = [ask("berth", "import", full) for _ in range(2)]
    one_more = run("berth", "add", "One more", "57.7", "11.8")

    assert nothing == []
    assert [one["added"] for one in taken] == [BERTHS_MAX, 0]
    for said in (refused, one_more):
        assert said.exit_code == 1
        assert "at most 2,000 berths" in said.stderr


def test_every_change_of_a_berth_is_audited(ask, audited, write):
    ask("berth", "add", "Arendal", "57.7", "11.8")
    ask("berth", "change", "Arendal", "--radius", "90")
    ask("berth", "import", write(CSV))
    ask("berth", "remove", "Arendal")

    assert [action for action, _ in audited()] == [
        "berth.added",
        "berth.changed",
        "berth.added",
        "berth.changed",
        "berth.removed",
    ]
