"""The fork server of `notebooks`, and the papermill engine that its forks use: it runs cells in its own process.

A cell runs in the shell class of a kernel, and the messages that it would send are made into outputs by nbclient's own
code, so outputs are those of a kernel; a test holds the two against each other. What differs: text is shown when a
stream is flushed or the cell shows something, and not also every fifth of a second; output written past Python's
streams is not caught.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import nbformat
import papermill
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from rereferrals import errors
from rereferrals.build import code_digest
from rereferrals.dissemination import drawing, review
from rereferrals.errors import QualityError, ReleaseError

ENGINE = "forked"
#: How many notebooks run side by side.
AT_ONCE = 2


def serve(modules: list[str]) -> None:
    """Import the modules, then answer requests, one line of JSON each, until the input ends.

    A request has `notebook`, `parameters`, `out_folder` and `review`, and is not answered. An empty one is, when all
    notebooks are done, with a list of what failed since the last: kind of error and message.
    """
    drawing.start(AT_ONCE)
    for module in modules:
        importlib.import_module(module)
    code_digest(*modules)  # reads what each module imports, which the steps of every notebook ask for
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what anything else writes is not an answer
    forks = _Forks()
    for line in sys.stdin:
        if request := json.loads(line):
            forks.execute(**request)
        else:
            answers.write(json.dumps(forks.finish()) + "\n")
            answers.flush()


class _Forks:
    """Forks of this process, each of which executes a notebook."""

    def __init__(self) -> None:
        self._handed_over = 0
        self._running: dict[int, tuple[int, str, int]] = {}
        self._failures: dict[int, tuple[str, str]] = {}

    def execute(self, notebook: str, parameters: dict[str, Any], out_folder: str, review: str | None) -> None:
        """Start a fork that executes a notebook, when there is room for it."""
        while len(self._running) >= AT_ONCE:
            self._wait()
        pid, answer = _fork(Path(notebook), parameters, Path(out_folder), Path(review) if review else None)
        self._handed_over += 1
        self._running[pid] = self._handed_over, Path(notebook).name, answer

    def finish(self) -> list[tuple[str, str]]:
        """Wait until all are done; returns what failed since this was last asked, in the order of the notebooks."""
        while self._running:
            self._wait()
        failures = [failure for _, failure in sorted(self._failures.items())]
        self._failures.clear()
        return failures

    def _wait(self) -> None:
        """Wait for a fork to end, and take its answer."""
        pid, status = os.wait()
        number, name, answer = self._running.pop(pid)
        with os.fdopen(answer, encoding="utf-8") as pipe:
            text = pipe.read()
        if text:
            self._failures[number] = tuple(json.loads(text))
        elif status:
            self._failures[number] = (
                "ReleaseError",
                f"the process that ran {name} was killed: is there enough memory?",
            )


def _fork(notebook: Path, parameters: dict[str, Any], out_folder: Path, review_folder: Path | None) -> tuple[int, int]:
    """Start a process that executes a notebook; returns its id and a pipe to read its failure from, if any."""
    answer, to_answer = os.pipe()
    if pid := os.fork():
        os.close(to_answer)
        return pid, answer
    try:
        execute_one(notebook, parameters, out_folder)
        if review_folder:
            review.write(review_folder / f"{notebook.stem}.json")
    except ReleaseError as error:
        kind = next(base for base in type(error).__mro__ if base.__module__ == errors.__name__)
        os.write(to_answer, json.dumps((kind.__name__, str(error)[:10_000])).encode())
    except BaseException as error:
        message = f"{notebook.name}: {type(error).__name__}: {error}"
        os.write(to_answer, json.dumps(("ReleaseError", message[:10_000])).encode())
    finally:
        os._exit(0)


class ForkedEngine(Engine):
    """Runs the cells of a notebook in this process."""

    #: What the failing cell of the last notebook raised.
    raised: ClassVar[BaseException | None] = None

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Execute the cells in order, up to the first that fails."""
        _Client(nb_man).execute()


papermill_engines.register(ENGINE, ForkedEngine)


def execute_one(notebook: Path, parameters: dict[str, Any], out_folder: Path) -> None:
    """Execute a notebook in this process and write it to the folder; raises what `notebooks.executing` says."""
    review.begin()
    try:
        executed = papermill.execute_notebook(
            notebook, None, parameters, engine_name=ENGINE, progress_bar=False, cwd=out_folder
        )
    except PapermillExecutionError as error:
        raise _explained(notebook, error) from None
    nbformat.write(_publishable(executed), out_folder / notebook.name)


def _explained(notebook: Path, error: PapermillExecutionError) -> ReleaseError:
    """The failure of a cell, with its number in the notebook as it is kept, counted from 1."""
    kept = nbformat.read(notebook, as_version=4).cells
    number = next((n for n, cell in enumerate(kept, 1) if cell.source == error.source), error.cell_index + 1)
    kind: type[ReleaseError] = QualityError
    what = f"{error.ename}: {error.evalue}"
    if isinstance(ForkedEngine.raised, ReleaseError):
        kind, what = type(ForkedEngine.raised), str(ForkedEngine.raised)
    return kind(f"{notebook.parent.name}/{notebook.name}, cell {number}: {what}")


def _publishable(notebook: NotebookNode) -> NotebookNode:
    """The notebook without times and paths, and with the cell of its parameters hidden."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.metadata.tags = [*cell.metadata.tags, "remove-cell"]
            cell["id"] = "parameters-of-this-release"
    return notebook


class _Client(PapermillNotebookClient):
    """Papermill's client of a kernel, without the kernel."""

    def execute(self, **kwargs: Any) -> NotebookNode:
        self.reset_execution_trackers()
        session = _Messages(self)
        config = Config({"HistoryManager": {"enabled": False}})
        shell = ZMQInteractiveShell.instance(config=config)
        shell.displayhook.session = shell.display_pub.session = session
        self.shell, self.session = shell, session
        with (
            contextlib.redirect_stdout(_Stream("stdout", session)),
            contextlib.redirect_stderr(_Stream("stderr", session)),
        ):
            self.papermill_execute_cells()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        if cell.cell_type != "code" or not cell.source.strip():
            return cell
        self.clear_before_next_output = False
        self.session.cell, self.session.cell_index = cell, cell_index
        cell.outputs = []
        cell.execution_count = self.shell.execution_count
        result = self.shell.run_cell(cell.source, store_history=True)
        sys.stdout.flush()
        sys.stderr.flush()
        if not result.success and "raises-exception" not in cell.metadata.get("tags", ()):
            ForkedEngine.raised = result.error_before_exec or result.error_in_exec
            raise CellExecutionError("", type(ForkedEngine.raised).__name__, str(ForkedEngine.raised))
        return cell


class _Messages(Session):
    """Takes the messages that a shell sends, and gives them to the client as if they had come from a kernel."""

    def __init__(self, client: _Client) -> None:
        super().__init__(key=b"nothing is sent")
        self.client = client
        self.cell: NotebookNode | None = None
        self.cell_index = 0

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, *_: Any, **__: Any) -> Any:
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content, parent)
        return self.client.process_message(message, self.cell, self.cell_index)


class _Stream(io.TextIOBase):
    """A standard stream whose text becomes output of the cell when it is flushed, as it is before anything is shown."""

    encoding = "UTF-8"

    def __init__(self, name: str, session: _Messages) -> None:
        self.name = name
        self.session = session
        self.written = io.StringIO()

    def write(self, text: str) -> int:
        return self.written.write(text)

    def flush(self) -> None:
        text, self.written = self.written.getvalue(), io.StringIO()
        if text:
            self.session.send(None, "stream", {"name": self.name, "text": text})


if __name__ == "__main__":
    serve(sys.argv[1:])
