"""What may stand in a notebook, and in the words of the package: no year, no figure, no authority; and all is shown."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from architecture.imports import MODULES, NOTEBOOKS, cells, tree, words
from architecture.test_source import YEAR
from rereferrals.reference import authorities

#: A percentage, a number in thousands, or one with decimals. Words such as “12 months” and “section 47” are none.
FIGURE = re.compile(r"(?<![\d{:.])\d+(?:\.\d+)?%|\b\d{1,3}(?:,\d{3})+\b|(?<![\w.{:])\d+\.\d+(?![\w.])")

#: Module → the figures that its words may hold, and why.
FIGURES_ALLOWED = {
    # what a validation rule says,
    "rereferrals.census.rules": {"2%"},
    # what a judging word means,
    "rereferrals.commentary.wording": {"50%"},
    # what a rate is of,
    "rereferrals.measures.child_protection": {"10,000"},
    "rereferrals.measures.regional": {"10,000", "95%"},
    # and how sure an interval is.
    "rereferrals.measures.general": {"95%"},
    "rereferrals.measures.ofsted": {"95%"},
    "rereferrals.measures.survival": {"95%"},
    "rereferrals.commentary.ofsted": {"95%"},
    "rereferrals.commentary.survival": {"95%"},
    "rereferrals.commentary.regional": {"10,000", "95%"},
    "rereferrals.model": {"10,000", "95%"},
    # A format has versions.
    "rereferrals.dissemination.opendocument": {"1.0", "1.1", "1.3"},
}


AUTHORITIES = sorted({authority.la_name for authority in authorities()})
AUTHORITY = re.compile(rf"\b(?:{'|'.join(map(re.escape, AUTHORITIES))})\b(?! the\b)")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_year_figure_or_authority(notebook: Path) -> None:
    text = "\n".join([*cells(notebook, "markdown"), *cells(notebook, "code")])
    for kind in (YEAR, FIGURE, AUTHORITY):
        assert not kind.findall(text), f"{notebook.name}: what data can change belongs into claims and release files"
    code = ast.parse("\n".join(cells(notebook, "code")))
    numbers = [
        node.value for node in ast.walk(code) if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    ]
    assert not numbers


@pytest.mark.parametrize("module", MODULES)
def test_no_figure_or_authority_stands_in_the_words_of_the_package(module: str) -> None:
    found = {found for text in words(tree(module)) for kind in (FIGURE, AUTHORITY) for found in kind.findall(text)}
    assert found <= FIGURES_ALLOWED.get(module, set()), f"{module}: data belongs in data/"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_what_a_cell_says_is_shown(notebook: Path) -> None:
    """A cell shows its last expression, and nothing of those before it."""
    for cell in cells(notebook, "code"):
        unseen = [ast.unparse(node) for node in ast.parse(cell).body[:-1] if isinstance(node, ast.Expr)]
        assert not unseen, f"{notebook.name}: give {unseen} a cell of their own"
