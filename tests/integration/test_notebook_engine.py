"""Notebooks executed in forks come out as papermill makes them with a kernel of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import made_up_release
from rereferrals.dissemination import forked, notebooks, site
from rereferrals.errors import BadInput, QualityError, ReleaseError

SHOWN = (
    "a",
    "import sys\nprint('x'); print('y'); print('e', file=sys.stderr); print('z')\n5",
    "from IPython.display import HTML, SVG, Markdown, display\ndisplay(HTML('<b>x</b>')); print('between'); "
    "display(Markdown('*m*'))\nHTML('<i>é–😀</i>')",
    "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>')",
    "import pandas\npandas.DataFrame({'a': [1, 2]})",
    "handle = display('one', display_id='it')\nprint('mid')",
    "handle.update('two')",
    "from IPython.display import clear_output\nprint('gone'); clear_output(); print('kept')",
    "clear_output(wait=True); print('swept')\ndisplay(1)",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "x = 3;\nx;",
    "%%capture\nprint('caught')",
    "_, __name__, __import__('__main__').a, In[1]",
    "print('flushed', flush=True); print('later')",
    "",
    "class Shown:\n    __repr__ = lambda self: 'shown'\n    def _repr_html_(self):\n        return '<p>'\nShown()",
    "sys.stderr.write('plain\\n')",
)
FAILS = "def f():\n    raise ValueError('bad <b>')\nf()"


def _code(source: str, *tags: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": list(tags)})


def _notebook(path: Path, *cells: nbformat.NotebookNode) -> Path:
    notebook = new_notebook(cells=[_code("a = 1", "parameters"), *cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def _execute(chosen: list[Path], parameters: dict[str, object], out: Path) -> None:
    with notebooks.executing(parameters, out) as execute:
        execute(chosen)


def _outputs(path: Path) -> list[object]:
    """The outputs of each code cell; a traceback without its colours, which follow the terminal."""
    cells = nbformat.read(path, as_version=4).cells
    text = [(cell.execution_count, nbformat.from_dict(cell.outputs)) for cell in cells if cell.cell_type == "code"]
    return [re.sub(r"\\x1b\[[0-9;]*m", "", repr(outputs)) for outputs in text]


#: Executes a notebook as papermill does, in a process of its own: with a kernel, or with the engine that is named.
EXECUTE = """
import sys, papermill
from rereferrals.dissemination import forked
source, out, engine = sys.argv[1:]
try:
    papermill.execute_notebook(source, out, {"a": 7}, engine_name=engine or None, progress_bar=False)
except papermill.exceptions.PapermillExecutionError:
    sys.exit(0)
sys.exit("no cell failed")
"""


def _run(notebook: Path, out: Path, engine: str) -> list[object]:
    subprocess.run([sys.executable, "-c", EXECUTE, notebook, out, engine], check=True, capture_output=True)
    return _outputs(out)


def test_every_kind_of_output_is_as_a_kernel_gives_it(tmp_path: Path) -> None:
    cells = [
        new_markdown_cell("# Text"),
        *map(_code, SHOWN),
        _code("1/0", "raises-exception"),
        _code(FAILS),
        _code("9"),
    ]
    notebook = _notebook(tmp_path / "all.ipynb", *cells)
    expected = _run(notebook, tmp_path / "kernel.ipynb", "")
    assert _run(notebook, tmp_path / "forked.ipynb", forked.ENGINE) == expected
    assert "bad <b>" in str(expected[-2])
    assert expected[-1] == "(None, [])", "the cell after the failing one has run"


def test_the_chapters_are_as_a_kernel_gives_them(tmp_path: Path) -> None:
    made_up_release.write(tmp_path)
    parameters = {"year": made_up_release.YEAR, "store": None, "output": str(tmp_path), "draft": True}
    for folder in ("forked", "kernel"):
        (tmp_path / folder).mkdir()

    def with_kernel(notebook: Path) -> None:
        out = tmp_path / "kernel"
        command = [
            str(Path(sys.executable).with_name("papermill")),
            "--no-progress-bar",
            "--cwd",
            str(out),
            str(notebook),
            str(out / notebook.name),
        ]
        for name, value in parameters.items():
            command += ["-y", f"{name}: {'null' if value is None else value}"]
        subprocess.run(command, check=True, capture_output=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(with_kernel, site.notebooks()))
    _execute(site.notebooks(), parameters, tmp_path / "forked")
    for notebook in site.notebooks():
        forks, kernels = (_outputs(tmp_path / folder / notebook.name) for folder in ("forked", "kernel"))
        assert forks == kernels
    for picture in (tmp_path / "kernel" / "_static").rglob("*.svg"):
        assert picture.read_bytes() == (tmp_path / "forked" / picture.relative_to(tmp_path / "kernel")).read_bytes()


def test_a_failing_cell_is_named_and_its_notebook_not_written(tmp_path: Path) -> None:
    notebook = _notebook(tmp_path / "chapter.ipynb", new_markdown_cell("# Text"), _code(FAILS))
    (tmp_path / "out").mkdir()
    with pytest.raises(QualityError, match=r"chapter\.ipynb, cell 3: ValueError: bad <b>"):
        _execute([notebook], {"a": 7}, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_an_error_of_ours_keeps_its_kind_and_its_words(tmp_path: Path) -> None:
    raises = _code("from rereferrals.errors import BadInput\nraise BadInput('there is no such store')")
    with pytest.raises(BadInput, match=r"chapter\.ipynb, cell 2: there is no such store$"):
        _execute([_notebook(tmp_path / "chapter.ipynb", raises)], {"a": 7}, tmp_path)


def test_a_killed_notebook_is_named_and_the_others_are_finished(tmp_path: Path) -> None:
    killed = _notebook(tmp_path / "killed.ipynb", _code("import os\nos.kill(os.getpid(), 9)"))
    sound = _notebook(tmp_path / "sound.ipynb", _code("a"))
    (tmp_path / "out").mkdir()
    with pytest.raises(Exception, match=r"killed\.ipynb was killed"):
        _execute([killed, sound], {"a": 7}, tmp_path / "out")
    assert (tmp_path / "out" / "sound.ipynb").exists()


def test_a_fault_in_what_runs_beside_leaves_no_answer_to_be_taken_for_the_next(tmp_path: Path) -> None:
    failing, sound = (_notebook(tmp_path / f"{name}.ipynb", _code(text)) for name, text in (("x", FAILS), ("y", "a")))
    (tmp_path / "out").mkdir()
    beside = notebooks.executing({"a": 7}, tmp_path / "out")
    with pytest.raises(BadInput, match=r"^there is no such store$"), beside as execute:
        execute([failing])
        raise BadInput("there is no such store")
    _execute([sound], {"a": 7}, tmp_path / "out")
    assert (tmp_path / "out" / "y.ipynb").exists()


def test_a_notebook_runs_while_its_caller_goes_on_and_the_first_failure_is_the_one_raised(tmp_path: Path) -> None:
    slow = _notebook(tmp_path / "slow.ipynb", _code("import time\ntime.sleep(2)\nraise ValueError"))
    quick = _notebook(tmp_path / "quick.ipynb", _code(FAILS))
    sound = _notebook(tmp_path / "sound.ipynb", _code("a"))
    (tmp_path / "out").mkdir()
    with (
        pytest.raises(QualityError, match=r"slow\.ipynb, cell 2"),
        notebooks.executing({"a": 7}, tmp_path / "out") as execute,
    ):
        execute([sound])
        while not (tmp_path / "out" / "sound.ipynb").exists():
            time.sleep(0.01)
        execute([slow])
        execute([quick])


def test_a_server_that_ended_is_told_of_and_another_takes_its_place(tmp_path: Path) -> None:
    ends = _notebook(tmp_path / "ends.ipynb", _code("import os\nos.kill(os.getppid(), 9)"))
    sound = _notebook(tmp_path / "sound.ipynb", _code("a"))
    (tmp_path / "out").mkdir()
    with pytest.raises(ReleaseError, match="the process that runs notebooks ended"):
        _execute([ends, *[sound] * 3], {"a": 7}, tmp_path / "out")
    _execute([sound], {"a": 7}, tmp_path / "out")


def test_notebooks_share_nothing(tmp_path: Path) -> None:
    leaves = _notebook(tmp_path / "leaves.ipynb", _code("import pandas\npandas.left_behind = leftover = 1"))
    looks = _notebook(
        tmp_path / "looks.ipynb", _code("import pandas\nhasattr(pandas, 'left_behind'), 'leftover' in dir()")
    )
    (tmp_path / "out").mkdir()
    _execute([leaves, leaves, looks], {"a": 7}, tmp_path / "out")
    assert "(False, False)" in str(_outputs(tmp_path / "out" / "looks.ipynb"))


def test_an_executed_notebook_holds_no_time_or_path_and_hides_its_parameters(tmp_path: Path) -> None:
    notebook = _notebook(tmp_path / "chapter.ipynb", _code("a"))
    (tmp_path / "out").mkdir()
    _execute([notebook], {"a": str(tmp_path)}, tmp_path / "out")
    executed = nbformat.read(tmp_path / "out" / "chapter.ipynb", as_version=4)
    assert "papermill" not in executed.metadata
    injected = executed.cells[1]
    assert injected.metadata.tags == ["injected-parameters", "remove-cell"]
    injected.source = ""
    executed.cells[2].outputs = []
    assert str(tmp_path) not in nbformat.writes(executed)
