"""The command line teaches: every command's help ends in an example that works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from rereferrals import cli
from rereferrals.cli import app

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
EXAMPLES = {
    line: page.name
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for line in re.findall(r"^ *(rereferrals .+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_it_accepts(name: str) -> None:
    example = re.search(r"Example: `(rereferrals .+)`", COMMANDS[name].help or "")
    assert example, "end the help in: Example: `rereferrals …`"
    assert accepted(example[1]) == name


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda line: f"{EXAMPLES[line]}: {line}")
def test_every_command_line_in_the_documents_is_accepted(example: str) -> None:
    assert accepted(example)


def accepted(line: str) -> str:
    """The command that a line calls; raises UsageError if the command does not take the line's options or arguments."""
    _, name, *arguments = shlex.split(line)
    COMMANDS[name].make_context(name, arguments)
    return name


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


def test_a_fault_of_the_program_shows_its_place_and_not_what_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "a record " + "of a child"

    def fail() -> None:
        raise KeyError(secret)

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    shown = capsys.readouterr().err
    assert stopped.value.code == 1
    assert "KeyError: this is a fault of the program" in shown
    assert "in fail" in shown
    assert secret not in shown
