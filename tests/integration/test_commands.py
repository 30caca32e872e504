"""The command line teaches: every command's help ends in an example that works."""

from __future__ import annotations

import re
import shlex

import click
import pytest
import typer
from typer.testing import CliRunner

from rereferrals.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_it_accepts(name: str) -> None:
    command: click.Command = COMMANDS[name]
    example = re.search(r"Example: `rereferrals (.+)`", command.help or "")
    assert example, "end the help in: Example: `rereferrals …`"
    called, *arguments = shlex.split(example[1])
    assert called == name
    command.make_context(name, arguments)  # raises UsageError for an option or argument that the command does not take


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert shown.exit_code == 0
    for parameter in COMMANDS[name].params:
        assert parameter.help, f"{parameter.name} has no help"


def test_the_program_without_a_command_shows_them_all() -> None:
    shown = CliRunner().invoke(app, [], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert not [name for name in COMMANDS if name not in shown.output]


def test_a_command_line_that_makes_no_sense_is_bad_input() -> None:
    assert CliRunner().invoke(app, ["count", "this year"]).exit_code == 2
