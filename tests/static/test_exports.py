"""What a page's script offers to others, somebody takes."""

import re

import pytest

from tests.static.scripts import SCRIPTS

SOURCES = {path.name: path.read_text() for path in SCRIPTS.glob("*.js")}
TESTS = "".join(path.read_text() for path in SCRIPTS.parents[1].glob("tests/static/*.py"))
EXPORTED = re.compile(r"^export (?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_nothing_is_exported_that_nobody_imports(name):
    others = TESTS + "".join(text for other, text in SOURCES.items() if other != name)

    unused = [
        one for one in EXPORTED.findall(SOURCES[name]) if not re.search(rf"\b{one}\b", others)
    ]

    assert unused == []
