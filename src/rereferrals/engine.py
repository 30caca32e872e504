"""The data engine. No other module names one: units and measures are Ibis expressions, which run on any of them."""

from __future__ import annotations

import os

import ibis
from ibis import BaseBackend


def connect(threads: int | None = None, memory: str = "4GB") -> BaseBackend:
    """A private, in-memory connection that keeps row order and never reaches the network."""
    return ibis.duckdb.connect(
        threads=threads or os.cpu_count() or 1,
        memory_limit=memory,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )
