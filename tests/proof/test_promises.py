"""docs/promises.md: every promise has a test, and every test it names exists."""

import re

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_behind_a_promise_exists(project):
    named = NAMED.findall((project / "docs/promises.md").read_text(encoding="utf-8"))

    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (project / file).read_text(encoding="utf-8")
    ]

    assert named
    assert missing == []


def test_every_promise_names_a_test(project):
    text = (project / "docs/promises.md").read_text(encoding="utf-8")
    promises = re.split(r"^## ", text, flags=re.MULTILINE)[1:]

    assert len(promises) == 9
    assert [one.splitlines()[0] for one in promises if not NAMED.search(one)] == []
