"""Scripts are sent without their comments, and with everything else."""

from pathlib import Path

import pytest
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment

from harbor.ops.lean_scripts import lean

STATIC = Path(__file__).parents[2] / "static"
SCRIPTS = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.glob("js/**/*.js"))


def code_of(source):
    """Every token but comments and the space around them."""
    found = JavascriptLexer(stripnl=False).get_tokens(source.decode())
    return [(kind, text) for kind, text in found if kind not in Comment and text.strip()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_loses_its_comments_and_nothing_else(name):
    source = (STATIC / name).read_bytes()

    sent = lean(name, source)

    assert code_of(sent) == code_of(source)
    assert sent.count(b"\n") == source.count(b"\n"), "an error would name another line"
    assert not [line for line in sent.split(b"\n") if line.lstrip().startswith((b"//", b"* "))]


@pytest.mark.parametrize(
    "source",
    [
        b'const a = "/* no comment */";\n',
        b"const a = 1; // why\n",
        b"const at = /** @type {Point} */ (point);\n",
        b'const url = "https://example.com";\n',
        b"/* one */ const a = 1; /* two */\n",
    ],
)
def test_what_shares_a_line_with_code_stays(source):
    assert lean("js/a.js", source) == source


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (b"// @ts-check\nlet a;\n", b"\nlet a;\n"),
        (b"/** One\n * two **/\nlet a;\n  /** b */\nlet b;\n", b"\n\nlet a;\n\nlet b;\n"),
        (b"/* a */\nlet a;\n/* b */\n", b"\nlet a;\n\n"),
    ],
)
def test_a_comment_that_has_its_lines_to_itself_leaves_them_empty(source, sent):
    assert lean("js/a.js", source) == sent


def test_what_others_wrote_keeps_its_licence():
    licence = b"/* Leaflet, (c) Volodymyr Agafonkin */\n"

    assert lean("vendor/leaflet.js", licence) == licence
    assert lean("css/base.css", licence) == licence
