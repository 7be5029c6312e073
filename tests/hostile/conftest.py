"""Boxes for the tests of hostile input; they need processes that can be forked and limited."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.hostile.box import Box
from tests.hostile.seeds import Seed, seeds


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """Return the box that commands run in."""
    if sys.platform != "linux":
        pytest.skip("the limits of a process are those of Linux")
    made = Box()
    yield made
    made.close()


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory, box: Box) -> dict[str, Seed]:
    """Return sound files to spoil, by kind."""
    return seeds(tmp_path_factory.mktemp("sound"), box)
