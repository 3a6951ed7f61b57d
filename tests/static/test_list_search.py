"""Searching in the list of vessels."""

import pytest

from tests.static.scripts import answer

GOTEBORG = {
    "name": "Göteborg Express", "imoNumber": "9074729", "mmsi": "265123456", "callSign": "SBQP",
}  # fmt: skip
FIND = """
    (() => {
        const words = wordsOf(given[0]);
        return words.length > 0 && words.every((word) => searchText(given[1]).includes(word));
    })()
"""


@pytest.mark.parametrize(
    "query",
    ["goteborg", "GÖTEBORG", "express gö", "9074", "IMO 9074729", "mmsi:265123456", "sbqp"],
)
def test_a_vessel_is_found_by_any_part_of_what_she_is_called(query):
    assert answer("list-search.js", FIND, query, GOTEBORG)


@pytest.mark.parametrize("query", ["hono", "göteborg 9319466", "9074729265", "imo", "   "])
def test_a_vessel_is_not_found_by_what_she_is_not_called(query):
    assert not answer("list-search.js", FIND, query, GOTEBORG)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Ærøskøbing", "aeroskobing"),
        ("Weißenfels", "weissenfels"),
        ("Gdańsk Łódź", "gdansk lodz"),
    ],
)
def test_letters_of_the_coasts_are_typed_without_their_signs(name, plain):
    assert answer("list-search.js", "folded(given[0])", name) == plain


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Göteborg Express", ["goteborg"], ["Göteborg"]),
        ("Weißenfels", ["ssen"], ["ßen"]),
        ("Go\u0308teborg", ["got"], ["Go\u0308t"]),
        ("Tärnan Tärnan", ["tarn", "nan"], ["Tärnan", "Tärnan"]),
        ("Vinga", [], []),
        ("Vinga", ["hono"], []),
    ],
)
def test_what_was_found_is_marked_in_the_name_as_it_is_spelt(text, words, found):
    pieces = answer("list-search.js", "pieces(...given)", text, words)

    assert [one["text"] for one in pieces if one["isFound"]] == found
    assert "".join(one["text"] for one in pieces) == text
