"""The words of the pages: whole catalogues, and the reader's language."""

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from harbor.words import FOLDER, LANGUAGES, catalogue

ROOT = Path(__file__).parents[1]
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def messages(path, language=None):
    with path.open("rb") as file:
        return [one for one in read_po(file, language) if one.id]


def keys(found):
    return {one.id if isinstance(one.id, str) else one.id[0] for one in found}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """All texts that the code and the templates have now."""
    path = tmp_path_factory.mktemp("words") / "found.pot"
    subprocess.run(["bash", ROOT / ".ci/words", "extract", path], check=True, timeout=60)
    return messages(path)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_pages_is_translated(spoken, language):
    lacking = keys(spoken) - set(catalogue(language).texts)

    assert not lacking, f"make words, then translate in {language}.po: {sorted(lacking)}"


def test_no_text_stands_where_the_extraction_cannot_see_it():
    """pybabel does not look into template literals: what is said there stays English."""
    hidden = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "static" / "js").glob("*.js"))
        for line in path.read_text().splitlines()
        if re.search(r"`[^`]*\$\{_n?\(", line)
    ]

    assert hidden == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_keeps_texts_that_nobody_says(spoken, language):
    assert keys(messages(FOLDER / f"{language}.po", language)) <= keys(spoken)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_places_for_values_that_the_text_has(language):
    for one in messages(FOLDER / f"{language}.po", language):
        asked = [one.id] * 2 if isinstance(one.id, str) else list(one.id)
        given = [one.string] * 2 if isinstance(one.string, str) else list(one.string)
        for text, translation in zip(asked, given, strict=True):
            assert set(PLACE.findall(translation)) == set(PLACE.findall(text)), text


@pytest.mark.parametrize(
    ("asked", "title"),
    [("sv-SE,sv;q=0.9,en;q=0.5", "Logga in"), ("de", "Anmelden"), ("fr,en", "Log in")],
)
def test_a_page_speaks_the_language_that_the_browser_asks_for(client, asked, title):
    page = client.get("/login", headers={"Accept-Language": asked}).text

    assert f"<h1>{title}</h1>" in page


def test_the_language_that_somebody_chose_stays(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    chosen = client.post("/language", data={"language": "de", "next": "/login?next=%2F#t"})

    page = client.get("/login", headers={"Accept-Language": "sv"}).text

    assert chosen.headers["Location"] == "/login?next=%2F#t"
    assert '<html lang="de"' in page


def test_a_language_that_nobody_translated_is_not_taken(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/language", data={"language": "xx", "next": "//elsewhere"})

    assert client.get_cookie("harbor_language") is None


def test_the_scripts_get_their_words_for_ever(client):
    answer = client.get(f"/words/sv.json?v={catalogue('sv').version}")

    assert answer.json["Under way"] == "Under gång"
    assert "Log out" not in answer.json
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/words/xx.json").status_code == 404


@pytest.mark.parametrize("query", ["", "?v=0123456789ab"])
def test_words_of_another_release_are_not_kept_under_the_address_of_this_one(client, query):
    """While workers are reloaded an old one may be asked by a new page."""
    answer = client.get(f"/words/sv.json{query}")

    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.json["Under way"] == "Under gång"


def test_a_page_that_refuses_does_so_in_the_readers_language(client):
    page = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "de"})

    assert "Nicht gefunden" in page.text


def test_machines_get_english(client):
    headers = {"Accept": "application/json", "Accept-Language": "de"}

    assert client.get("/api/v1/nowhere", headers=headers).json["title"] == "Not Found"
