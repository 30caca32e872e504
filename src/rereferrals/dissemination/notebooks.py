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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rereferrals import errors
from rereferrals.errors import ReleaseError

#: Python 3.12 and later warn of forks beside threads; those here are libraries' own, idle and not used by the forks.
_IDLE_THREADS = "ignore:This process:DeprecationWarning"
_server: subprocess.Popen[str] | None = None


def prepare(*modules: str) -> None:
    """Start the fork server, which imports these modules too while the caller goes on; it ends with the caller.

    To be called before `execute` by a caller that has other work to do first. A server that runs stays as it is.
    """
    global _server
    if _server is None or _server.poll() is not None:
        command = [sys.executable, "-W", _IDLE_THREADS, "-m", "rereferrals.dissemination.forked", *modules]
        _server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def execute(
    notebooks: Sequence[Path],
    parameters: Mapping[str, Any],
    out_folder: Path,
    *,
    review: Path | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Execute notebooks into `out_folder`, which is also the folder they run in; `meanwhile` runs here beside them.

    What the sentences of each rest on is written to `<notebook>.json` in the folder `review`, if one is given.

    `parameters` are JSON values. A notebook that fails is not written. The error names the notebook, the cell (counted
    from 1 in the notebook as it is kept) and what went wrong; it is of the kind that the cell raised if that is one of
    `errors`, else a QualityError.
    """
    prepare()
    assert _server is not None and _server.stdin is not None and _server.stdout is not None
    request = {
        "notebooks": [str(notebook.absolute()) for notebook in notebooks],
        "parameters": dict(parameters),
        "out_folder": str(out_folder.absolute()),
        "review": str(review.absolute()) if review else None,
    }
    try:
        _server.stdin.write(json.dumps(request) + "\n")
        _server.stdin.flush()
        try:
            meanwhile()
        finally:
            answer = _server.stdout.readline()
    except BrokenPipeError:
        answer = ""
    if not answer:
        raise ReleaseError("the process that runs notebooks ended: what it wrote above says why")
    for kind, message in json.loads(answer):
        raise getattr(errors, kind)(message)
