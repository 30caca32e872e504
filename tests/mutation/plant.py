"""Plant errors in a copy of the source, one at a time, and see whether tests notice: `python -m mutation.plant`.

The checkout is never changed. An error is caught if a test fails on it. It is tried on the tests that it names, and on
all that are quick and about figures if those pass. `--write` puts the table into docs/testing.md; words on the command
line choose errors by what they are about.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from mutation.mutants import (
    ADDITIVE,
    ANNUAL,
    C1,
    COUNTED,
    CURVES,
    DEPRIVATION,
    DISCLOSURE,
    HAZARDS,
    MUTANTS,
    OF_STORE,
    OFSTED,
    PLACES,
    PLAIN,
    PUBLISHED,
    SECTIONS,
    STAND_INS,
    SURVIVAL,
    UNITS,
    Mutant,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path("src") / "rereferrals"
#: Where errors are planted: what turns returns into figures.
LAYERS = ("units", "measures", "statistics", "places")
#: What tests need of a checkout.
COPIED = ("src", "tests", "data/reference", "data/releases", "data/published_figures.csv", "pyproject.toml")
QUICK = (
    PUBLISHED,
    OF_STORE,
    STAND_INS,
    DISCLOSURE,
    PLAIN,
    ANNUAL,
    SECTIONS,
    UNITS,
    COUNTED,
    ADDITIVE,
    C1,
    PLACES,
    DEPRIVATION,
    OFSTED,
    SURVIVAL,
    CURVES,
    HAZARDS,
)
LIMIT_SECONDS = 180
NICENESS = 5
OPTIONS = ("-q", "-n0", "-p", "no:cacheprovider", "--hypothesis-profile=mutants", "--tb=no", "-rfE")
#: What takes seconds to import, and is the same for every error.
LIBRARIES = ("duckdb", "hypothesis", "ibis.backends.duckdb", "pandas", "pyarrow.parquet", "rich.console")
PAGE = ROOT / "docs" / "testing.md"
BEGIN, END = "<!-- mutants: written by make mutants -->", "<!-- end of mutants -->"
PASSED, TOO_LONG = 0, -signal.SIGALRM


@dataclass(frozen=True)
class Result:
    """Where an error was planted, and the test that caught it, or None."""

    section: str
    mutant: Mutant
    path: Path
    caught_by: str | None
    seconds: float


def place(mutant: Mutant, root: Path = ROOT) -> Path:
    """The one file, relative to `root`, that has the mutant's text, once; raises ValueError if it is not one."""
    files = [path for layer in LAYERS for path in sorted((root / SOURCE / layer).glob("*.py"))]
    files.append(root / SOURCE / "published.py")
    found = [path for path in files for _ in range(path.read_text(encoding="utf-8").count(mutant.old))]
    if len(found) != 1:
        raise ValueError(f"“{mutant.about}”: {mutant.old!r} stands in {len(found)} places, and should in one")
    return found[0].relative_to(root)


def copy(root: Path) -> None:
    """Copy what tests need of the checkout."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)


def failing_test(root: Path, file: str, words: str = "") -> str | None:
    """The first test of a file that fails in the copy, as pytest names it, or None.

    A run that takes too long shows nothing. Raises ValueError if no test has been run.
    """
    status, output = _pytest(root, [f"tests/{file}", "-x", *(["-k", words] if words else [])])
    if status in (PASSED, TOO_LONG):
        return None
    found = re.search(r"^(?:FAILED|ERROR) (tests/\S*?\w+\.py(?:::\w+(?:\[.*?\])?)?)(?: - |$)", output, re.MULTILINE)
    if not found:
        raise ValueError(f"pytest {file} -k {words!r} ended with {status}, and names no test that failed:\n{output}")
    return found[1]


def _pytest(root: Path, arguments: list[str]) -> tuple[int, str]:
    """Status and output of pytest on the copy, in a process of its own that has the libraries already."""
    with tempfile.TemporaryFile("w+") as output:
        child = os.fork()
        if child == 0:
            signal.alarm(LIMIT_SECONDS)
            os.dup2(output.fileno(), sys.stdout.fileno())
            os.dup2(output.fileno(), sys.stderr.fileno())
            os.chdir(root)
            sys.path.insert(0, str(root / "src"))
            sys.dont_write_bytecode = True  # a change within a second that keeps the size would go unnoticed
            status = int(pytest.main([*arguments, *OPTIONS]))
            sys.stdout.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return status, output.read()


def plant(section: str, mutant: Mutant, root: Path) -> Result:
    """Plant one error in the copy, run tests until one fails, and take the error out again."""
    path = place(mutant, root)
    whole = (root / path).read_text(encoding="utf-8")
    start = time.perf_counter()
    (root / path).write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        first = (mutant.tests, *((file, "") for file in QUICK))
        caught = next((found for file, words in first if (found := failing_test(root, file, words))), None)
    finally:
        (root / path).write_text(whole, encoding="utf-8")
    if caught and not passes(root, caught):
        raise ValueError(f"{caught} fails though no error is planted: mend that first")
    return Result(section, mutant, path, caught, time.perf_counter() - start)


@cache
def passes(root: Path, test: str) -> bool:
    """Whether a test passes on the copy as it is, which it must if it is to show an error."""
    return _pytest(root, [test])[0] == PASSED


def chosen(words: list[str]) -> Iterator[tuple[str, Mutant]]:
    """The errors that are about any of these words, or all."""
    for section, mutants in MUTANTS.items():
        yield from ((section, m) for m in mutants if not words or any(word in m.about for word in words))


def table(results: list[Result]) -> str:
    """The results as a page shows them."""
    caught = sum(result.caught_by is not None for result in results)
    rows = [f"{caught} of {len(results)} errors are caught.", "", "| section | error | planted in | caught by |"]
    rows.append("|---|---|---|---|")
    for result in results:
        where = result.path.relative_to(SOURCE).as_posix()
        rows.append(f"| {result.section} | {result.mutant.about} | `{where}` | {_shown(result.caught_by)} |")
    return "\n".join(rows)


def _shown(test: str | None) -> str:
    """A test as a page shows it: its file, and its name as a sentence."""
    if test is None:
        return "**nothing**"
    path, _, name = test.partition("::")
    sentence = re.sub(r"^test_(\w+)", lambda found: found[1].replace("_", " "), name)
    return f"`{path.removeprefix('tests/')}`: {sentence or 'cannot be imported'}"


def write(results: list[Result]) -> None:
    """Put the table between its marks in docs/testing.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Try each error, and end with status 1 if more survive than the two in fifty that are allowed for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="errors that are about any of these words; all, if left out")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    if arguments.write and arguments.words:
        parser.error("a table is written of all errors: leave the words out")
    os.nice(NICENESS)
    for library in LIBRARIES:
        importlib.import_module(library)
    results = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        (root / "data").mkdir()
        copy(root)
        for section, mutant in chosen(arguments.words):
            result = plant(section, mutant, root)
            results.append(result)
            caught = f"caught by {result.caught_by}" if result.caught_by else "SURVIVED"
            print(f"{result.seconds:6.1f} s  {section}: {mutant.about}: {caught}", flush=True)
    survived = sum(result.caught_by is None for result in results)
    print(f"{len(results) - survived} of {len(results)} errors were caught")
    if arguments.write:
        write(results)
    sys.exit(survived > len(results) // 25)


if __name__ == "__main__":
    main()
