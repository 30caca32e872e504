"""Notebooks executed by papermill, in processes forked from one that has the slow imports done.

Starting a kernel and importing pandas, Ibis and Altair in it is most of the time of a small notebook. Here a fork
server imports them once, and each notebook runs in a fork of it with the engine of `forked`, two side by side. The
server is a process of its own and not the caller, because forking is only safe where no thread runs, and a caller that
has worked with the data engine has threads.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rereferrals import errors
from rereferrals.build import imported_modules
from rereferrals.errors import ReleaseError

#: Python 3.12 and later warn of forks beside threads; those here are libraries' own, idle and not used by the forks.
_IDLE_THREADS = "ignore:This process:DeprecationWarning"
_server: subprocess.Popen[str] | None = None


def imports(notebook: Path) -> set[str]:
    """The modules of ours that a notebook imports."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return imported_modules("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))


def prepare(*notebooks: Path) -> None:
    """Start the fork server, which imports what these notebooks do while the caller goes on; it ends with the caller.

    To be called before `executing` by a caller that has other work to do first. A server that runs stays as it is.
    """
    global _server
    if _server is None or _server.poll() is not None:
        modules = {module for notebook in notebooks for module in imports(notebook)}
        command = [sys.executable, "-W", _IDLE_THREADS, "-m", "rereferrals.dissemination.forked", *sorted(modules)]
        _server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


@contextmanager
def executing(
    parameters: Mapping[str, Any], out_folder: Path, review: Path | None = None
) -> Iterator[Callable[[Iterable[Path]], None]]:
    """Execute notebooks into `out_folder`, which is also the folder they run in, beside what the caller does.

    The caller hands notebooks over as they are ready to run, and waits for all when it leaves the context. What the
    sentences of each rest on is written to `<notebook>.json` in the folder `review`, if one is given.

    `parameters` are JSON values. A notebook that fails is not written. The error, raised at the end, names the
    notebook, the cell (counted from 1 in the notebook as it is kept) and what went wrong; it is of the kind that the
    cell raised if that is one of `errors`, else a QualityError.
    """
    prepare()
    shared = {
        "parameters": dict(parameters),
        "out_folder": str(out_folder.absolute()),
        "review": str(review.absolute()) if review else None,
    }

    def execute(notebooks: Iterable[Path]) -> None:
        for notebook in notebooks:
            _ask(shared | {"notebook": str(notebook.absolute())})

    try:
        yield execute
    finally:
        failures = _failures()
    for kind, message in failures:
        raise getattr(errors, kind)(message)


def _ask(request: Mapping[str, Any]) -> None:
    assert _server is not None and _server.stdin is not None
    with suppress(BrokenPipeError):  # the answer at the end says so
        _server.stdin.write(json.dumps(request) + "\n")
        _server.stdin.flush()


def _failures() -> list[tuple[str, str]]:
    """Wait for all notebooks; returns the kind of error and message of those that failed."""
    assert _server is not None and _server.stdout is not None
    _ask({})
    answer = _server.stdout.readline()
    if not answer:
        return [(ReleaseError.__name__, "the process that runs notebooks ended: what it wrote above says why")]
    found: list[tuple[str, str]] = json.loads(answer)
    return found
