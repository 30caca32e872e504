"""Vega-Lite specifications into SVG, and SVG into PNG, without the network.

Starting the drawing engine takes longer than drawing a chart with it. A process that is going to be forked can start
others beforehand that draw for all the forks, and are ready by the time they need them.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

import vl_convert

#: The processes that draw and where all of them listen, if they were started.
_processes: list[subprocess.Popen[bytes]] = []
_address: str | None = None
#: What says where something is drawn, and numbers in it that are finer than a screen.
_PLACES = re.compile(r' (?:d|transform|x|y|x2|y2)="[^"]*"')
_FINE = re.compile(r"\d+\.\d{3,}")
_ANY_CHART = {"mark": "point"}


def to_svg(specification: dict[str, Any]) -> str:
    """The picture of a specification, to a hundredth of a pixel; raises ValueError if it cannot be drawn."""
    return _PLACES.sub(lambda places: _FINE.sub(_rounded, places[0]), _ask("svg", specification))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def to_png(svg: str) -> bytes:
    """A picture in pixels, two for each of its own; raises ValueError if it cannot be drawn."""
    return bytes(_ask("png", svg))


def _ask(kind: str, drawn: Any) -> Any:
    if _address is None:
        return _MAKE[kind](drawn)
    with Client(_address, "AF_UNIX") as connection:
        connection.send((kind, drawn))
        made, fault = connection.recv()
    if fault:
        raise ValueError(fault)
    return made


def start(processes: int) -> None:
    """Start so many processes that draw for this one and its forks; they end when those have."""
    global _address
    path = Path(tempfile.mkdtemp(prefix="drawing-")) / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        command = [sys.executable, "-m", __name__, str(listening.fileno())]
        environment = os.environ | _without_fonts(path.parent)
        for _ in range(processes):
            process = subprocess.Popen(command, pass_fds=[listening.fileno()], stdin=subprocess.PIPE, env=environment)
            _processes.append(process)
    _address = str(path)


def _without_fonts(folder: Path) -> dict[str, str]:
    """An environment in which the drawing engine finds its own fonts and none of the machine's, which would come first
    if they had the same names; made with a file in a folder that has no fonts."""
    configuration = folder / "fonts.conf"
    configuration.write_text(f"<fontconfig><dir>{folder}</dir></fontconfig>", encoding="utf-8")
    return {"FONTCONFIG_FILE": str(configuration)}


def _draw(specification: dict[str, Any]) -> str:
    svg: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return svg


def _rasterise(svg: str) -> bytes:
    png: bytes = vl_convert.svg_to_png(svg, scale=2)
    return png


_MAKE: dict[str, Callable[[Any], Any]] = {"svg": _draw, "png": _rasterise}


def _serve(listening: socket.socket) -> None:
    threading.Thread(target=_end_with_caller, args=(Path(listening.getsockname()),), daemon=True).start()
    _draw(_ANY_CHART)
    while True:
        accepted, _ = listening.accept()
        with Connection(accepted.detach()) as connection:
            try:
                kind, drawn = connection.recv()
                connection.send((_MAKE[kind](drawn), ""))
            except ValueError as error:
                connection.send((None, str(error)))


def _end_with_caller(path: Path) -> None:
    sys.stdin.read()
    shutil.rmtree(path.parent, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
