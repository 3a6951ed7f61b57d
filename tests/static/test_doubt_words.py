"""Why a report was put aside, as the vessel's page says it."""

import pytest

from harbor.fleet.verdict import Reason
from harbor.words import LANGUAGES, catalogue
from tests.static.scripts import answer


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_the_quarantine_is_a_sentence_in_every_language(reason):
    sentence = answer("doubt-words.js", "reasonWords(given[0])", reason)

    assert sentence != reason
    assert all(sentence in catalogue(one).texts for one in LANGUAGES if one != "en")


@pytest.mark.parametrize(
    ("reason", "detail", "said"),
    [
        ("teleport", ": well formed, but it can't be right", ""),
        ("out_of_range", "/latitude: at most 90", "Latitude: at most 90"),
        (
            "contract",
            "/0/speed_knots: a number; /x: unknown",
            "Speed: a number; x: unknown",
        ),
        ("malformed", ": not JSON: line 1", "not JSON: line 1"),
    ],
)
def test_what_the_server_said_is_added_where_it_says_more(reason, detail, said):
    assert answer("doubt-words.js", "detailWords(...given)", reason, detail) == said
