"""The data engine. No other module names one: units and measures are Ibis expressions, which run on any of them."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from ibis import BaseBackend

    SqlConnection = DuckDBPyConnection


def connect(threads: int | None = None, memory: str = "4GB") -> BaseBackend:
    """A private, in-memory connection that keeps row order and never reaches the network.

    What `memory` cannot hold is spilled to a folder of this process's own.
    """
    import duckdb
    import ibis

    connection = ibis.duckdb.connect(
        threads=threads or os.cpu_count() or 1,
        memory_limit=memory,
        temp_directory=str(Path(tempfile.gettempdir()) / f"rereferrals-{os.getpid()}"),
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )
    with suppress(duckdb.InvalidInputException):  # in a notebook without widgets, where none is drawn anyway
        connection.raw_sql("SET enable_progress_bar = false")
    return connection


def connect_sql(spill: Path, threads: int | None = None, memory: str = "240MB") -> SqlConnection:
    """A bare connection, for SQL generated from the schema: no Ibis, and `spill` to hold what memory cannot."""
    import duckdb

    return duckdb.connect(
        config={
            "threads": threads or os.cpu_count() or 1,
            "memory_limit": memory,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
