"""The words of the pages in the reader's language: English stands in the code and is the key.

A language is one catalogue of translations, `harbor/locales/<language>.po`; what it lacks
is shown in English. `make words` brings new texts into the catalogues.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import orjson
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request

from harbor.ops.paths import PACKAGE

LANGUAGES = {"en": "English", "sv": "Svenska", "de": "Deutsch"}
COOKIE = "harbor_language"
FOLDER = PACKAGE / "locales"
SCRIPTS = "static/js/"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A language's translations; a text with a number has two, for one and for others."""

    texts: Mapping[str, tuple[str, ...]]
    for_scripts: bytes
    """JSON: English text to translation, or to [one, others]; what the scripts say."""
    version: str
    """Changes with `for_scripts`."""


@cache
def catalogue(language: str) -> Catalogue:
    """Raises KeyError for a language that Harbor does not have."""
    if language not in LANGUAGES:
        raise KeyError(language)
    messages = _messages(language)
    texts = {_key(one): _forms(one) for one in messages}
    said = {_key(one): _forms(one) for one in messages if _is_in_a_script(one)}
    chosen = {key: forms if forms[1:] else forms[0] for key, forms in said.items()}
    for_scripts = orjson.dumps(chosen)
    return Catalogue(texts, for_scripts, hashlib.sha256(for_scripts).hexdigest()[:12])


def install(app: Flask) -> None:
    """Let templates say `_('…')`, `ngettext('…', '…', n)` and know the page's language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["words_version"] = lambda: catalogue(language()).version


def language() -> str:
    """What this reader chose, else what the browser asks for, else English."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        asked = request.accept_languages.best_match(list(LANGUAGES), default="en")
        g.language = chosen if chosen in LANGUAGES else asked
    found: str = g.language
    return found


def gettext(text: str) -> str:
    return catalogue(language()).texts.get(text, (text,))[0]


def ngettext(one: str, others: str, count: int) -> str:
    """The form for `count`; English, Swedish and German have two of them."""
    forms = catalogue(language()).texts.get(one, (one, others))
    return forms[0 if count == 1 else -1]


_ = gettext


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text that is looked up later, with `_`."""
    return text


def _messages(language: str) -> list[Message]:
    """Those that have a translation."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return []  # English is what the code says
    with path.open("rb") as file:
        found = read_po(file, language)
    return [one for one in found if one.id and not one.fuzzy and all(_forms(one))]


def _is_in_a_script(message: Message) -> bool:
    return any(file.startswith(SCRIPTS) for file, _line in message.locations)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    given = message.string
    return (given,) if isinstance(given, str) else tuple(given or ("",))
