"""What each module of the package imports, read from its source without running it."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "rereferrals"
SOURCE = ROOT / "src" / PACKAGE


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NOTEBOOKS = sorted((ROOT / "book").glob("**/*.ipynb"))


def cells(notebook: Path, kind: str) -> list[str]:
    """The source of a notebook's cells of a kind, `code` or `markdown`."""
    content = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in content if cell["cell_type"] == kind]


#: Module name → its file.
MODULES = {_module(path): path for path in sorted(SOURCE.rglob("*.py"))}


def part(module: str) -> str:
    """The package or top-level module that a module belongs to: `rereferrals.census.xml` is of `census`."""
    return module.split(".")[1] if "." in module else module


@cache
def tree(module: str) -> ast.Module:
    """The syntax of a module of ours."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(source: ast.AST, module: str = PACKAGE) -> set[str]:
    """Every module that some code names in an import, wherever in it the import stands.

    `from a import b` names `a.b` if that is a module of ours, and `a` in any case.
    """
    names: set[str] = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names} & set(MODULES)
    return names


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    parent = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
    base = parent[: len(parent) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def ours(module: str) -> set[str]:
    """The modules of this package that a module imports."""
    return imported(tree(module), module) & set(MODULES)


@cache
def closure(module: str) -> frozenset[str]:
    """Every module of this package that importing a module runs, however indirectly; its packages' own code too."""
    reached: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        packages = {name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)}
        waiting |= (ours(name) | packages) - reached
    return frozenset(reached)


def words(source: ast.AST) -> list[str]:
    """Names, attributes and text in code. Docstrings and comments are not code."""
    documentation = docstrings(source)
    found = []
    for node in ast.walk(source):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                found.append(word)
            case ast.Constant(value=str(word)) if node not in documentation:
                found.append(word)
    return found


def docstrings(source: ast.AST) -> set[ast.expr]:
    """Text that stands alone: what modules, classes, functions and constants are documented with."""
    alone = [node.value for node in ast.walk(source) if isinstance(node, ast.Expr)]
    return {value for value in alone if isinstance(value, ast.Constant)}
