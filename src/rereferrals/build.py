"""Steps with fingerprints: a step runs again only if its code, its inputs or the libraries have changed.

A step's outputs are hashed, and the steps that use them are fingerprinted by those hashes, so a change that alters no
output stops there (early cut-off).
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import json
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "rereferrals"
SOURCE = Path(__file__).resolve().parent


def digest(*parts: object) -> str:
    """A hash of the parts, by their text."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """A hash of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_digest(paths: Iterable[Path], base: Path) -> str:
    """A hash of the names, below `base`, and the content of files, whatever their order."""
    return digest(*(f"{path.relative_to(base)} {file_digest(path)}" for path in sorted(set(paths))))


@cache
def code_digest(*modules: str) -> str:
    """A hash of the source of these modules and of all of ours that they can import, as this process found it."""
    return files_digest((_path(name) for name in _closure(modules)), SOURCE)


@cache
def library_digest() -> str:
    """A hash of the versions of Python and of every installed library."""
    installed = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    return digest(sys.version, *sorted(path.name for path in installed))


def _is_module(name: str) -> bool:
    return name.split(".")[0] == PACKAGE and _path(name).exists()


def _closure(modules: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imports(name))
    return found


@cache
def _imports(module: str) -> tuple[str, ...]:
    """The modules of ours that a module names in an import, wherever in the file, and the packages it is in."""
    package = module.rpartition(".")[0]
    return (*imported_modules(_path(module).read_text(encoding="utf-8")), *([package] if package else []))


def imported_modules(source: str) -> set[str]:
    """The modules of ours that some source names in an import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return set(filter(_is_module, names))


def _path(module: str) -> Path:
    below = SOURCE.joinpath(*module.split(".")[1:])
    return below / "__init__.py" if below.is_dir() else below.with_suffix(".py")


@dataclass(frozen=True)
class Step:
    """One piece of work: a fingerprint of all that it depends on, the files it makes, and how it makes them."""

    name: str
    fingerprint: str
    outputs: tuple[Path, ...]
    run: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Ledger:
    """Remembers, in a folder, with which fingerprint each step last ran and what it made.

    Safe for several processes: a step that two of them need runs once, and the other waits.
    """

    folder: Path

    def bring_up_to_date(self, step: Step) -> str:
        """Run the step unless it is up to date; returns a hash of its outputs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{step.name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            record = self._read(step)
            if record is None:
                for output in step.outputs:
                    output.parent.mkdir(parents=True, exist_ok=True)
                step.run()
                record = self._write(step)
            return digest(*(output["sha256"] for output in record["outputs"]))

    def is_up_to_date(self, step: Step) -> bool:
        """Whether the step last ran with this fingerprint, and its outputs are what it made."""
        return self._read(step) is not None

    def record(self, steps: Iterable[Step]) -> None:
        """Remember that steps have run, which were run elsewhere."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for step in steps:
            self._write(step)

    def _read(self, step: Step) -> dict[str, Any] | None:
        """The record of the last run, if the fingerprint is the same and the outputs are still what it made."""
        try:
            record: dict[str, Any] = json.loads(self._path(step).read_text(encoding="utf-8"))
            stats = [_stat(path) for path in step.outputs]
        except (FileNotFoundError, ValueError):
            return None
        same = record["fingerprint"] == _with_libraries(step) and [o["stat"] for o in record["outputs"]] == stats
        return record if same else None

    def _write(self, step: Step) -> dict[str, Any]:
        record = {
            "fingerprint": _with_libraries(step),
            "outputs": [{"sha256": file_digest(path), "stat": _stat(path)} for path in step.outputs],
        }
        new = self._path(step).with_suffix(".new")
        new.write_text(json.dumps(record), encoding="utf-8")
        new.replace(self._path(step))
        return record

    def _path(self, step: Step) -> Path:
        return self.folder / f"{step.name}.json"


def _with_libraries(step: Step) -> str:
    return digest(step.fingerprint, library_digest())


def _stat(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def is_current(record: Path, inputs: str, outputs: Path) -> bool:
    """Whether `record_build` last recorded these inputs, and the files below `outputs` are as they were then."""
    try:
        recorded = json.loads(record.read_text(encoding="utf-8"))
        return bool(recorded == [inputs, _all_stats(outputs)])
    except (FileNotFoundError, ValueError):
        return False


def record_build(record: Path, inputs: str, outputs: Path) -> None:
    """Remember that all files below `outputs` were made from these inputs."""
    record.write_text(json.dumps([inputs, _all_stats(outputs)]), encoding="utf-8")


def _all_stats(folder: Path) -> list[list[Any]]:
    files = (path for path in sorted(folder.resolve(strict=True).rglob("*")) if path.is_file())
    return [[str(path), *_stat(path)] for path in files]
