"""What is declared is used, and what is there is documented."""

from __future__ import annotations

import pkgutil
import re
from collections import Counter
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType

import pytest
import typer

from architecture.imports import ROOT
from architecture.test_imports import MAY_IMPORT
from mutation.mutants import MUTANTS, Mutant
from mutation.plant import place
from rereferrals import commentary, datasets, errors, measures
from rereferrals.chart_model import Chart
from rereferrals.cli import app
from rereferrals.datasets.registry import ALL
from rereferrals.model import Claim, Count, Filter, Rate, Share, Tile
from rereferrals.qa import quality
from rereferrals.release import MEASURES, REFERENCE

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), REFERENCE / "README.md"]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def _declared(package: ModuleType, *kinds: type) -> dict[str, object]:
    """The declarations of these kinds in the modules of a package, by module and name."""
    modules = [import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, kinds)
    }


def _text(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def _row(text: str, first: str) -> list[str]:
    """The cells of a table's row that begins with a cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    found = [row for row in rows if row[0].strip("*`") == first]
    assert len(found) == 1, f"there should be one row on {first}, and there are {len(found)}"
    return found[0]


def test_every_measure_and_filter_is_part_of_a_data_set() -> None:
    used = {part for data_set in ALL for part in (*data_set.indicators, *data_set.counts, *data_set.filters)}
    declared = _declared(measures, Count, Rate, Share, Filter)
    assert declared
    assert not [name for name, measure in declared.items() if measure not in used]


def test_every_data_set_belongs_to_a_section_and_has_an_id_of_its_own() -> None:
    declared = _declared(datasets, type(ALL[0]))
    assert {name for name, data_set in declared.items() if data_set not in ALL} == set()
    assert len({data_set.id for data_set in ALL}) == len({data_set.file_stem for data_set in ALL}) == len(ALL)


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_every_data_set_is_listed_in_the_readme_by_its_title(data_set: object) -> None:
    assert _row(_text("README.md"), data_set.id)[1] == data_set.title  # type: ignore[attr-defined]


def test_a_known_problem_with_a_return_can_be_about_every_group_of_measures() -> None:
    groups = {count.group for data_set in ALL for count in data_set.counts}
    assert groups <= {"", *MEASURES}
    assert all(f"`{name}`" in _text("docs", "annual_update.md") for name in MEASURES)


def test_every_claim_chart_and_tile_is_shown_or_is_part_of_one_that_is() -> None:
    """A name that only its own declaration mentions is shown nowhere."""
    files = [*(ROOT / "book").glob("*.ipynb"), *Path(commentary.__path__[0]).glob("*.py")]
    mentioned = Counter(re.findall(r"\w+", "".join(path.read_text(encoding="utf-8") for path in files)))
    declared = {name.rsplit(".", 1)[1] for name in _declared(commentary, Claim, Chart, Tile)}
    assert declared
    assert not [name for name in declared if mentioned[name] < 2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    assert f"`rereferrals {name}`" in _text("README.md")
    page = "\n".join(line for line in _text("docs", "commands.md").splitlines() if f"`rereferrals {name} " in line)
    options = {option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert not [option for option in options if option.startswith("--") and option not in page]


def test_every_target_of_make_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.* ## ", _text("Makefile"), re.MULTILINE)
    assert targets
    assert not [target for target in targets if f"`make {target}`" not in _text("docs", "commands.md")]


@pytest.mark.parametrize("mutant", [*chain(*MUTANTS.values())], ids=lambda mutant: mutant.about)
def test_an_error_to_be_planted_has_one_place_in_the_source(mutant: Mutant) -> None:
    assert place(mutant).suffix == ".py"
    assert mutant.new != mutant.old


def test_every_exit_status_is_documented() -> None:
    kinds = [errors.ReleaseError, *errors.ReleaseError.__subclasses__()]
    for status in {0, *(kind.exit_status for kind in kinds)}:
        assert _row(_text("docs", "commands.md"), str(status))
        assert re.search(rf"\b{status} (is|an?|bad|disclosure)\b", _text("README.md"))


def test_the_architecture_page_lists_every_module_with_what_it_may_import() -> None:
    page = _text("docs", "architecture.md")
    listed = re.findall(r"^\| (?:\*\*)?`(\w+)`(?:\*\*)? \|", page, re.MULTILINE)
    modules = [name for name in listed if name in MAY_IMPORT]
    assert modules == list(MAY_IMPORT)
    for position, module in enumerate(modules):
        cell = _row(page, module)[2]
        said = {"nothing of ours": set(), "everything above": set(modules[:position])}.get(cell, set(cell.split(", ")))
        assert said == MAY_IMPORT[module], f"the page and the test differ on what {module} may import"


def test_every_column_of_the_table_on_the_quality_of_returns_is_documented() -> None:
    assert not [name for name in quality.COLUMNS if f"`{name}`" not in _text("docs", "annual_update.md")]


def test_every_file_of_reference_data_is_described() -> None:
    described = _text("data", "reference", "README.md")
    files = {path.name for path in REFERENCE.iterdir() if path.is_file() and path.name != "README.md"}
    assert not [name for name in files if f"`{name}`" not in described]


def test_every_decision_is_listed_and_numbered_in_order() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    listed = re.findall(r"^\d+\. \[(.+)\]\((.+)\)$", _text("docs", "decisions", "README.md"), re.MULTILINE)
    assert [name for _, name in listed] == [path.name for path in decisions]
    for number, (path, (title, _)) in enumerate(zip(decisions, listed, strict=True), 1):
        assert path.name.startswith(f"{number:04}-")
        assert path.read_text(encoding="utf-8").startswith(f"# {number} {title}\n")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if not (document.parent / link).exists()]
