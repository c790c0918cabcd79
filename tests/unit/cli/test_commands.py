"""The table of commands against the commands."""

from __future__ import annotations

import pytest

from lookalike.cli.commands import COMMANDS
from lookalike.cli.main import build


@pytest.mark.parametrize("name", COMMANDS)
def test_its_line_is_the_first_of_the_commands_help(name: str) -> None:
    app = build([name])
    if app.registered_groups:
        (group,) = app.registered_groups
        assert (group.name, group.typer_instance.info.help) == (name, COMMANDS[name].line)
    else:
        (command,) = app.registered_commands
        first = (command.callback.__doc__ or "").partition("\n\n")[0]
        assert (command.name, " ".join(first.split())) == (name, COMMANDS[name].line)


def test_without_a_command_all_are_listed_and_those_that_are_named_can_run() -> None:
    app = build(["--version", "search"])
    assert [command.name for command in app.registered_commands] == list(COMMANDS)
    (search,) = (command for command in app.registered_commands if command.name == "search")
    assert search.callback.__module__ == "lookalike.cli.search"
