"""What may not stand in source: years, very long files, talk of how the project is worked on."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.imports import MODULES, ROOT, docstrings, tree

YEAR = re.compile(r"(?<!\d)20[0-3]\d(?!\d)")
LONGEST = 650

#: Module → the names that it may give a year to, and why.
YEARS_ALLOWED = {
    # The collection years in which the return has an element are part of the return's format,
    "rereferrals.census.schema": {"first_year", "last_year"},
    # and those in which a validation rule holds are part of the rule.
    "rereferrals.census.rules": {"first_year", "last_year"},
    # and a namespace is called by when it was made.
    "rereferrals.dissemination.feed": {"ATOM"},
}

#: A project's text speaks of the project.
TALK = re.compile(
    r"/(tmp|work|home)/\w|\bshared/|\bissues? #?\d|\bsessions? (of|that|which)\b|\b(this|another) session\b"
    r"|\bcolleagues?\b|\bseed 00\d|\bTODO\b|\bFIXME\b"
)


@pytest.mark.parametrize("module", MODULES)
def test_no_year_stands_in_code(module: str) -> None:
    years = [
        f"line {line}: {year}" for name, line, year in _years(tree(module)) if name not in YEARS_ALLOWED.get(module, ())
    ]
    assert not years, f"{module} {'; '.join(years)}: a year is data, and belongs in data/"


def _years(source: ast.AST) -> Iterator[tuple[str | None, int, object]]:
    """Every constant that reads as a year: the name it is given to, its line, itself."""
    given: dict[ast.expr | None, str | None] = {}
    documentation = docstrings(source)
    for node in ast.walk(source):
        match node:
            case ast.keyword(arg=name, value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
                given[value] = name
    for node in ast.walk(source):
        if isinstance(node, ast.Constant) and node not in documentation and YEAR.search(str(node.value)):
            yield given.get(node), node.lineno, node.value


def _tracked() -> list[Path]:
    if not shutil.which("git"):
        return []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


TRACKED = _tracked()
NO_GIT = "without git and a checkout there is no list of the project's own files"
PYTHON = [path for path in TRACKED if path.suffix == ".py"]
TEXT = [
    path for path in TRACKED if path.suffix in {".py", ".md", ".ipynb", ".toml", ".yml", ".yaml", ".css", ".html", ""}
]


@pytest.mark.skipif(not TRACKED, reason=NO_GIT)
def test_every_python_file_can_be_read_in_one_sitting() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST}


@pytest.mark.skipif(not TRACKED, reason=NO_GIT)
def test_text_speaks_of_the_project_and_not_of_how_it_is_worked_on() -> None:
    found = {}
    for path in TEXT:
        if path != Path(__file__):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if TALK.search(line):
                    found[f"{path.relative_to(ROOT)}:{number}"] = line.strip()
    assert not found
