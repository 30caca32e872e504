"""Imports point down, and the published side cannot reach the restricted one."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.imports import MODULES, NOTEBOOKS, PACKAGE, cells, closure, imported, ours, part, tree, words

BASE = {"errors", "release"}
DECLARATIONS = BASE | {"model", "measures", "datasets"}

#: Package or module → what of ours it may import beside itself. docs/architecture.md lists the same, in this order.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "atomic": {"errors"},
    "engine": {"errors"},
    "build": {"errors"},
    "release": {"errors"},
    "reference": BASE,
    "areas": BASE | {"reference"},
    "open_data": BASE | {"reference", "areas", "atomic", "build"},
    "model": BASE,
    "chart_model": BASE | {"model"},
    "restricted": BASE | {"build", "engine"},
    "published": BASE | {"engine", "model"},
    "census": BASE | {"atomic", "build", "engine", "restricted", "reference", "model"},
    "units": BASE | {"restricted", "reference", "model", "census"},
    "measures": BASE | {"reference", "model"},
    "datasets": BASE | {"model", "measures"},
    "statistics": DECLARATIONS | {"reference", "published"},
    "places": DECLARATIONS | {"reference", "areas", "published"},
    "screener": BASE | {"reference", "model", "published"},
    "commentary": DECLARATIONS | {"chart_model", "published"},
    "dissemination": DECLARATIONS
    | {"chart_model", "atomic", "build", "engine", "reference", "published", "commentary", "screener"},
}
MAY_IMPORT["qa"] = set(MAY_IMPORT)
MAY_IMPORT["counting"] = DECLARATIONS | {
    "build", "engine", "reference", "areas", "restricted", "census", "units", "statistics",
}  # fmt: skip
for above in ("pipeline", "operations", "cli"):
    MAY_IMPORT[above] = set(MAY_IMPORT)

PUBLISHED_SIDE = ("places", "commentary", "dissemination", "api")
RESTRICTED_SIDE = {"census", "units", "statistics", "restricted", "counting"}
PUBLISHED_MODULES = [module for module in MODULES if part(module) in PUBLISHED_SIDE]
NOTEBOOK_MAY_IMPORT = re.compile(
    rf"{PACKAGE}\.((commentary|datasets|measures|dissemination)\..+|pipeline\.open_release)"
)


@pytest.mark.parametrize("module", [module for module in MODULES if module != PACKAGE])
def test_imports_point_down(module: str) -> None:
    assert part(module) in MAY_IMPORT, f"say in MAY_IMPORT and in docs/architecture.md what {part(module)} may import"
    beyond = {name for name in ours(module) - {PACKAGE} if part(name) not in MAY_IMPORT[part(module)] | {part(module)}}
    assert not beyond, f"{module} may not import {', '.join(sorted(beyond))}"


def test_the_package_itself_imports_nothing_of_ours() -> None:
    assert not ours(PACKAGE)


@pytest.mark.parametrize("module", PUBLISHED_MODULES)
def test_the_published_side_cannot_reach_child_records(module: str) -> None:
    behind_the_wall = {name for name in closure(module) if part(name) in RESTRICTED_SIDE}
    assert not behind_the_wall, f"{module} reaches {', '.join(sorted(behind_the_wall))}"


@pytest.mark.parametrize("module", PUBLISHED_MODULES)
def test_the_published_side_does_not_name_the_restricted_one_in_text_either(module: str) -> None:
    """As an import by name, or code for another process, would."""
    named = re.compile(rf"{PACKAGE}\.({'|'.join(RESTRICTED_SIDE)})\b")
    assert not [word for word in words(tree(module)) if named.search(word)]


def test_importing_the_whole_published_side_loads_nothing_of_the_restricted_one() -> None:
    program = f"import json, sys, {', '.join(PUBLISHED_MODULES)}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = [name for name in json.loads(run.stdout) if name.startswith(f"{PACKAGE}.")]
    assert loaded, "nothing of ours was loaded, so nothing was tested"
    assert not [name for name in loaded if part(name) in RESTRICTED_SIDE]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_imports_only_what_hands_it_published_tables(notebook: Path) -> None:
    code = ast.parse("\n".join(cells(notebook, "code")))
    names = [name for node in ast.walk(code) for name in _named(node)]
    assert names
    assert not [name for name in names if not NOTEBOOK_MAY_IMPORT.fullmatch(name)]


def _named(node: ast.AST) -> list[str]:
    """What an import names, in full."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names):
            return [f"{module}.{alias.name}" for alias in names]
    return []


def test_only_the_engine_module_names_an_engine() -> None:
    engines = ("duckdb", "spark")
    tells_readers_how = f"{PACKAGE}.dissemination.catalogue"
    for module in (module for module in MODULES if module not in (f"{PACKAGE}.engine", tells_readers_how)):
        for name in imported(tree(module)) | set(words(tree(module))):
            assert not any(engine in name.lower() for engine in engines), f"{module}: {name!r} belongs in engine.py"


def test_what_shows_pages_depends_on_no_chapter() -> None:
    """Else a changed sentence would make every chapter run again."""
    chapters = {module for module in MODULES if module.startswith(f"{PACKAGE}.commentary.")}
    chapters -= {f"{PACKAGE}.commentary.contents", f"{PACKAGE}.commentary.wording"}
    reached = closure(f"{PACKAGE}.dissemination.book")
    assert len(chapters) >= 9 and not chapters & reached
