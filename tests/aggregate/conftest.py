"""DuckDB for the tests of expressions: one for all of them, since starting it takes most of the time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def duck() -> Iterator[Any]:
    """A connection of Ibis to DuckDB."""
    ibis = pytest.importorskip("ibis")
    connection = ibis.duckdb.connect(autoinstall_known_extensions=False, autoload_known_extensions=False, threads=1)
    yield connection
    connection.disconnect()


def registered(duck: Any, name: str, table: Any) -> Any:
    """Return an Arrow table as one of DuckDB's; a table of that name is replaced."""
    duck.con.register(name, table)
    return duck.table(name)
