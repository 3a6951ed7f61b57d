"""Which modules a page's scripts import, so that a browser may ask for all of them at once.

Without it a browser learns of the third row of imports when it has read the second.
"""

import re
from posixpath import dirname, join, normpath
from typing import Protocol

IMPORT = re.compile(
    r"""^(?:import|export)\s+(?:[\w$*{},\s]+?\s+from\s+)?["'](\.{1,2}/[^"']+)["']""",
    re.MULTILINE,
)


class File(Protocol):
    """A file that was read."""

    @property
    def body(self) -> bytes: ...


class Files(Protocol):
    """Where the modules are, by path; the version changes when one of them does."""

    @property
    def version(self) -> str: ...

    def get(self, name: str) -> File | None: ...


class ModuleGraph:
    """Remembers what it found as long as no file changes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[tuple[str, ...], list[str]] = {}
        self._version = ""

    def behind(self, *entries: str) -> list[str]:
        """The entries and everything that they import, each once, the nearest first."""
        if self._version != self._files.version:
            self._version, self._known = self._files.version, {}
        if entries not in self._known:
            self._known[entries] = self._follow(entries)
        return self._known[entries]

    def _follow(self, entries: tuple[str, ...]) -> list[str]:
        found = list(dict.fromkeys(entries))
        for name in found:  # grows on the way
            file = self._files.get(name)
            if file is None:
                raise FileNotFoundError(name)
            found += [one for one in imports(name, file.body) if one not in found]
        return found


def imports(name: str, source: bytes) -> list[str]:
    """What a module imports at its beginning, as paths; `import()` waits until it is wanted."""
    asked = IMPORT.findall(source.decode())
    return list(dict.fromkeys(normpath(join(dirname(name), one)) for one in asked))
