"""The report's tables, and providers, in cells of LibreOffice Calc, with every function, against plain Python."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.addin.calc.cases import Call
from tests.addin.calc.office import Office, shown
from tests.addin.calls import YEARS, Counts, printed_results, report_tables
from tests.addin.efficiency_calls import Providers, thirty_providers
from tests.addin.fairness_calls import Groups, drawn_groups
from xl_qbs.addin.definition import Cells

pytestmark = pytest.mark.libreoffice
TABLES: dict[str, Counts | Providers | Groups] = {
    **report_tables(),
    "30 providers": thirty_providers(),
    "20 providers, 3 groups": drawn_groups(),
}
_WITHIN = 1e-12


def in_calc(office: Office, call: Call, result: Cells) -> list[list[Any]]:
    """Return what Calc's cells show for a call whose result is as large as this one."""
    formula, cells = call.formula()
    rows: list[list[Any]] = office.show(formula, cells, (len(result), len(result[0])))
    return rows


def agree(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=_WITHIN, abs_tol=_WITHIN)
    return bool(found == wanted)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        pytest.param(name, function, id=f"{name}, {function.name}")
        for name, table in TABLES.items()
        for function in table.functions
    ],
)
def test_the_tables_of_the_report_and_providers(office: Office, function: Any, name: str) -> None:
    counts = TABLES[name]
    wrong = []
    for call in counts.calls(function):
        plain = counts.plain(call)
        found, wanted = in_calc(office, call, plain), shown(plain)
        wrong += [
            f"{call}: row {i + 1}, column {j + 1} shows {one!r} instead of {wanted[i][j]!r}"
            for i, row in enumerate(found)
            for j, one in enumerate(row)
            if not agree(one, wanted[i][j])
        ]
        # To the last bit, what the Python beside LibreOffice made of it.
        expected = call.expected()
        assert not isinstance(expected, str)
        if found != shown(expected):
            wrong.append(f"{call} is not what evaluate gives")
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("year", YEARS)
def test_the_printed_numbers_come_out(office: Office, year: int) -> None:
    for call, factor, printed in printed_results(year):
        rows = in_calc(office, call, ((0.0,),) * len(printed))
        found = np.array(rows, dtype=float)[:, 0]
        assert np.floor(factor * found + 0.5).tolist() == printed, call
