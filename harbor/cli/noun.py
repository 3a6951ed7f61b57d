"""What all nouns share: a group of commands, some with a second, hidden name."""

from copy import copy
from enum import StrEnum

import click


class Word(click.Choice[str]):
    """One of an enumeration's words; comes out as its member."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__([word.value for word in words])
        self._words = words

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> StrEnum:
        if isinstance(value, self._words):
            return value  # a default; click knows a member by its name
        return self._words(super().convert(value, param, context))


def add_alias(group: click.Group, name: str, command: click.Command) -> None:
    """Make a command answer to a second name, which the help does not list."""
    alias = copy(command)
    alias.name = name
    alias.hidden = True
    group.add_command(alias)
