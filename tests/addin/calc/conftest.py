from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.addin.calc.office import Office
from tests.engines import python_with_uno
from xl_qbs.addin.calc.install import install_calc


@pytest.fixture(scope="session")
def bare_office() -> Iterator[Office]:
    """LibreOffice's programs with a user folder of their own, without the extension."""
    _need_uno()
    office = Office()
    yield office
    office.stop()


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A running LibreOffice Calc that has the functions."""
    _need_uno()
    office = Office()
    try:
        install_calc(office.profile, run=office.run)
        office.start()
        yield office
    finally:
        office.stop()


def _need_uno() -> None:
    if python_with_uno() is None:
        why = "no Python here has LibreOffice's module uno (package python3-uno)"
        if os.environ.get("XL_QBS_REQUIRE_LIBREOFFICE") == "1":
            pytest.fail(why)
        pytest.skip(why)
