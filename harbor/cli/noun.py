"""What all nouns share: a group of commands, some with a second, hidden name."""

from copy import copy

import click


def add_alias(group: click.Group, name: str, command: click.Command) -> None:
    """Make a command answer to a second name, which the help does not list."""
    alias = copy(command)
    alias.name = name
    alias.hidden = True
    group.add_command(alias)
