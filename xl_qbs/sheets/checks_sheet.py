"""The sheet of checks: each a number that has to equal another, and one flag for all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.weights import component_weights
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Block, Book, Label, Sheet
from xl_qbs.sheets.run import CHECKS, Run

_FIRST = 7
# Sums of some hundred scores may differ by this much in their last bits.
_SUM_TOLERANCE = 1e-6
_EXACT = 1e-9


class _Check(NamedTuple):
    """One check: the cell's formula and value, what it has to equal, and how nearly."""

    label: Label
    value: float
    formula: str
    expected: float
    tolerance: float = 0.0


def add_checks(book: Book, run: Run) -> Sheet:
    """Add the sheet of checks; its master flag is the block ``master``."""
    sheet = begin(
        book,
        CHECKS,
        Label("Checks", "Kontrollid"),
        Label(
            "Every check is one number that has to equal another. The flag above holds when all of them do.",
            "Iga kontroll on arv, mis peab võrduma teisega. Ülal olev lipp kehtib, kui kehtivad kõik.",
        ),
        tab="7030A0",
    )
    sheet.widths = {1: 78, 2: 16, 3: 16, 4: 14, 5: 10}
    sheet.portrait = True
    checks = _checks(run)
    _add_list(book, sheet, _FIRST, checks, "check")
    passed = all(abs(one.value - one.expected) <= one.tolerance for one in checks)
    book.write(sheet, (4, 1), [[Label("All checks", "Kõik kontrollid")]], "label")
    book.add(
        sheet,
        "master",
        (4, 2),
        np.array([float(passed)]),
        "IF(SUM({check_result:all})=ROWS({check_result:all}),1,0)",
        kind="check",
        format="flag",
    )
    sheet.flags.append("B4")
    row = _FIRST + len(checks) + 3
    note = Label(
        "As written by the program: FAIL here means only that data or parameters have changed since.",
        "Nagu programm kirjutas: FAIL tähendab siin vaid seda, et andmed või parameetrid on vahepeal muutunud.",
    )
    book.write(sheet, (row - 2, 1), [[note]], "note")
    _add_list(book, sheet, row, _as_written(run), "written")
    return sheet


def _add_list(book: Book, sheet: Sheet, row: int, checks: list[_Check], key: str) -> None:
    heads = [
        Label("Check", "Kontroll"),
        Label("Value", "Väärtus"),
        Label("Has to be", "Peab olema"),
        Label("Give or take", "Täpsus"),
        Label("Result", "Tulemus"),
    ]
    book.write(sheet, (row - 1, 1), [heads], "heading")
    book.write(sheet, (row, 1), [[one.label] for one in checks], "text")
    for place, one in enumerate(checks):
        book.add(sheet, f"{key}_value_{place}", (row + place, 2), np.array([one.value]), one.formula)
    expected = np.array([one.expected for one in checks])
    tolerance = np.array([one.tolerance for one in checks])
    book.add(sheet, f"{key}_expected", (row, 3), expected, kind="calculation")
    book.add(sheet, f"{key}_tolerance", (row, 4), tolerance, kind="calculation")
    # The values are single blocks, since their formulas differ; the results see them as one column.
    values = np.array([[one.value] for one in checks])
    book.named[f"{key}_value"] = Block(f"{key}_value", sheet.name, row, 2, values)
    holds = np.array([float(abs(one.value - one.expected) <= one.tolerance) for one in checks])
    formula = f"IF(ISNUMBER({{{key}_value}}),IF(ABS({{{key}_value}}-{{{key}_expected}})<={{{key}_tolerance}},1,0),0)"
    book.add(sheet, f"{key}_result", (row, 5), holds, formula, kind="check", format="flag")
    sheet.flags.append(f"E{row}:E{row + len(checks) - 1}")


def _checks(run: Run) -> list[_Check]:
    result = run.result
    lists, count = result.table.target.shape
    component = result.component
    most = float(result.weights.sum())
    need = result.need_adjusted.total
    checks = [
        _Check(
            Label(
                "Lists with a need-adjusted score, as many as were read",
                "Vajaduspõhise skooriga nimistuid, niipalju kui loeti",
            ),
            float(lists),
            "COUNT({need_score:all})",
            float(lists),
        ),
        _Check(
            Label("Counts that are numbers: target and done", "Arvulisi lahtreid: sihtrühm ja tehtud"),
            2.0 * lists * count,
            "COUNT({target:all})+COUNT({done:all})",
            2.0 * lists * count,
        ),
        _Check(
            Label("Counts below 0", "Arve alla 0"),
            0.0,
            "SUMPRODUCT(--({target:all}<0))+SUMPRODUCT(--({done:all}<0))",
            0.0,
        ),
        _Check(
            Label(
                "Lists and indicators with coverage, or with nobody to serve",
                "Nimistuid ja indikaatoreid hõlmatusega või sihtrühmata",
            ),
            float(lists * count),
            "COUNT({coverage:all})+SUM({nobody:all})",
            float(lists * count),
        ),
        # Text and error values are no numbers: where one stands, the count falls short.
        _Check(
            Label(
                "Adjusted coverage, intervals and reliability that are numbers",
                "Arvulisi lahtreid: kohandatud hõlmatus, vahemikud ja usaldusväärsus",
            ),
            4.0 * lists * count,
            "COUNT({adjusted:all})+COUNT({low:all})+COUNT({high:all})+COUNT({reliability:all})",
            4.0 * lists * count,
        ),
        _Check(
            Label(
                "Points by indicator that are numbers, three scores",
                "Arvulisi lahtreid: kolme skoori punktid",
            ),
            3.0 * lists * count,
            "COUNT({current_points:all})+COUNT({proportional_points:all})+COUNT({need_points:all})",
            3.0 * lists * count,
        ),
        _Check(
            Label("Indicators whose prior mean is known", "Indikaatoreid, mille eeljaotuse keskmine on teada"),
            float(count),
            "COUNT({prior_mean:all})",
            float(count),
        ),
        _Check(
            Label("Adjusted coverage below 0 % or above 100 %", "Kohandatud hõlmatus alla 0 % või üle 100 %"),
            0.0,
            "SUMPRODUCT(--({adjusted:all}<0))+SUMPRODUCT(--({adjusted:all}>1))",
            0.0,
        ),
        _Check(
            Label(
                "Intervals whose low end lies above the high one",
                "Vahemikke, mille alumine ots on ülemisest suurem",
            ),
            float((result.interval.low > result.interval.high).sum()),
            "SUMPRODUCT(--({low:all}>{high:all}))",
            0.0,
        ),
        _Check(
            Label(
                "Need-adjusted scores below 0 or above the maximum",
                "Vajaduspõhiseid skoore alla 0 või üle maksimumi",
            ),
            float((need < 0).sum() + (need - most > _EXACT).sum()),
            "SUMPRODUCT(--({need_score:all}<0))+SUMPRODUCT(--({need_score:all}-{weight_total}>{band_guard}))",
            0.0,
        ),
        _Check(Label("Best rank", "Parim koht"), 1.0, "MIN({need_rank:all})", 1.0),
    ]
    if _is_unbroken(run.sources.target.cell_rows):
        label = Label(
            "Target population in the fund's sheet and here, difference",
            "Sihtrühm tervisekassa lehel ja siin, erinevus",
        )
        checks.append(_Check(label, 0.0, "SUM({source_target:all})-SUM({target:all})", 0.0))
    if component is not None:
        mapped = component.correlation @ component.loadings
        residual = float(np.abs(mapped - component.eigenvalue * component.loadings).max())
        exact = component_weights(component.loadings, result.scheme.total).sum()
        checks += [
            _Check(
                Label("Length of the loadings", "Laadungite pikkus"),
                float((component.loadings**2).sum()),
                "SUMSQ({loading:all})",
                1.0,
                _EXACT,
            ),
            _Check(
                Label(
                    "Largest distance of the loadings from an eigenvector (the component has settled)",
                    "Laadungite suurim kaugus omavektorist (peakomponent on koondunud)",
                ),
                residual,
                "MAX({residual:all})",
                0.0,
                _EXACT,
            ),
            _Check(
                Label("Exact weights less the maximum", "Täpsed kaalud miinus maksimum"),
                float(exact - result.scheme.total),
                "SUM({exact:all})-{total}",
                0.0,
                _EXACT,
            ),
            _Check(
                Label(
                    "Weights by largest remainder less the maximum, in whole points",
                    "Suurima jäägi kaalud miinus maksimum, täispunktides",
                ),
                0.0,
                "SUM({by_remainder:all})-ROUND({total},0)",
                0.0,
            ),
        ]
    return checks


def _is_unbroken(rows: NDArray[np.intp]) -> bool:
    """Return whether nothing else stands between the fund's cells, such as rows of another period."""
    read = np.unique(rows[rows > 0])
    return bool(read[-1] - read[0] + 1 == len(read))


def _as_written(run: Run) -> list[_Check]:
    result = run.result
    return [
        _Check(
            Label(f"Sum of scores: {english}", f"Skooride summa: {estonian}"),
            float(score.total.sum()),
            f"SUM({{{key}_score:all}})",
            float(score.total.sum()),
            _SUM_TOLERANCE,
        )
        for key, english, estonian, score in (
            ("current", "current", "kehtiv", result.current),
            ("proportional", "proportional", "osaline", result.proportional),
            ("need", "need-adjusted", "vajaduspõhine", result.need_adjusted),
        )
    ]
