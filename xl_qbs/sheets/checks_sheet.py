"""The sheet of checks: each a number that has to equal another, and one flag for all of them."""

from __future__ import annotations

from collections.abc import Sequence
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


_MASTER = "IF(SUM({check_result:all})=ROWS({check_result:all}),1,0)"
# Without any list there is nothing to check yet: neither OK nor FAIL.
_MASTER_OPEN = f"IF(ISNUMBER({{lists}}),IF({{lists}}=0,-1,{_MASTER}),0)"


class Check(NamedTuple):
    """One check: the cell's formula and value, what it has to equal, and how nearly.

    Attributes:
        label: what is checked.
        value: the number.
        formula: how it is calculated.
        expected: what it has to equal.
        tolerance: give or take so much.
        must: formula of what it has to equal, for a template, where that may change.
    """

    label: Label
    value: float
    formula: str
    expected: float
    tolerance: float = 0.0
    must: str = ""


def add_checks(book: Book, run: Run, more: Sequence[Check] = ()) -> Sheet:
    """Add the sheet of checks; its master flag is the block ``master``.

    Args:
        book: the book to add to.
        run: what was scored.
        more: checks beside those that every book has.
    """
    checks = [*_checks(run), *more]
    return add_check_sheet(book, checks, _as_written(run), open_room=run.room.open)


def add_check_sheet(book: Book, checks: Sequence[Check], as_written: Sequence[Check], *, open_room: bool) -> Sheet:
    """Add a sheet of checks; its master flag is the block ``master``.

    Args:
        book: the book to add to.
        checks: what has to hold.
        as_written: what held when the program wrote the numbers; not shown where there is room for other data.
        open_room: whether data are still to come: without any (block ``lists``), the flag is neither OK nor FAIL.
    """
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
    if not open_room:
        checks = [one._replace(must="") for one in checks]
    _add_list(book, sheet, _FIRST, checks, "check")
    passed = all(abs(one.value - one.expected) <= one.tolerance for one in checks)
    book.write(sheet, (4, 1), [[Label("All checks", "Kõik kontrollid")]], "label")
    book.add(
        sheet,
        "master",
        (4, 2),
        np.array([float(passed)]),
        _MASTER_OPEN if open_room else _MASTER,
        kind="check",
        format="flag",
    )
    sheet.flags.append("B4")
    if open_room:
        return sheet
    row = _FIRST + len(checks) + 3
    note = Label(
        "As written by the program: FAIL here means only that data or parameters have changed since.",
        "Nagu programm kirjutas: FAIL tähendab siin vaid seda, et andmed või parameetrid on vahepeal muutunud.",
    )
    book.write(sheet, (row - 2, 1), [[note]], "note")
    _add_list(book, sheet, row, as_written, "written")
    return sheet


def _add_list(book: Book, sheet: Sheet, row: int, checks: Sequence[Check], key: str) -> None:
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
    if any(one.must for one in checks):
        for place, one in enumerate(checks):
            book.add(sheet, f"{key}_must_{place}", (row + place, 3), expected[place], one.must or None)
        book.named[f"{key}_expected"] = Block(f"{key}_expected", sheet.name, row, 3, expected.reshape(-1, 1))
    else:
        book.add(sheet, f"{key}_expected", (row, 3), expected, kind="calculation")
    book.add(sheet, f"{key}_tolerance", (row, 4), tolerance, kind="calculation")
    # The values are single blocks, since their formulas differ; the results see them as one column.
    values = np.array([[one.value] for one in checks])
    book.named[f"{key}_value"] = Block(f"{key}_value", sheet.name, row, 2, values)
    holds = np.array([float(abs(one.value - one.expected) <= one.tolerance) for one in checks])
    # What is no number, on either side, holds nothing: no error value may reach the flag.
    formula = (
        f"IF(ISNUMBER({{{key}_value}}-{{{key}_expected}}),"
        f"IF(ABS({{{key}_value}}-{{{key}_expected}})<={{{key}_tolerance}},1,0),0)"
    )
    book.add(sheet, f"{key}_result", (row, 5), holds, formula, kind="check", format="flag")
    sheet.flags.append(f"E{row}:E{row + len(checks) - 1}")


def _checks(run: Run) -> list[Check]:
    result = run.result
    lists, count = result.table.target.shape
    component = result.component
    is_open = run.room.open

    def cells(blocks: int) -> str:
        """Return the formula for a number for each list and indicator, in so many blocks."""
        return "+".join(["{lists}*{indicators}"] * blocks)

    def settled(formula: str, otherwise: int) -> str:
        """Return a formula about the component, which a template may lack."""
        return f"IF({{component_ready}}=1,{formula},{otherwise})" if is_open else formula

    most = float(result.weights.sum())
    need = result.need_adjusted.total
    checks = [
        Check(
            Label(
                "Lists with a need-adjusted score, as many as were read",
                "Vajaduspõhise skooriga nimistuid, niipalju kui loeti",
            ),
            float(lists),
            "COUNT({need_score:all})",
            float(lists),
            must="{lists}",
        ),
        Check(
            Label("Counts that are numbers: target and done", "Arvulisi lahtreid: sihtrühm ja tehtud"),
            2.0 * lists * count,
            "COUNT({target:all})+COUNT({done:all})",
            2.0 * lists * count,
            must=cells(2),
        ),
        Check(
            Label("Counts below 0", "Arve alla 0"),
            0.0,
            "SUMPRODUCT(--({target:all}<0))+SUMPRODUCT(--({done:all}<0))",
            0.0,
        ),
        Check(
            Label(
                "Lists and indicators with coverage, or with nobody to serve",
                "Nimistuid ja indikaatoreid hõlmatusega või sihtrühmata",
            ),
            float(lists * count),
            "COUNT({coverage:all})+SUM({nobody:all})",
            float(lists * count),
            must=cells(1),
        ),
        # Text and error values are no numbers: where one stands, the count falls short.
        Check(
            Label(
                "Adjusted coverage, intervals and reliability that are numbers",
                "Arvulisi lahtreid: kohandatud hõlmatus, vahemikud ja usaldusväärsus",
            ),
            4.0 * lists * count,
            "COUNT({adjusted:all})+COUNT({low:all})+COUNT({high:all})+COUNT({reliability:all})",
            4.0 * lists * count,
            must=cells(4),
        ),
        Check(
            Label(
                "Points by indicator that are numbers, three scores",
                "Arvulisi lahtreid: kolme skoori punktid",
            ),
            3.0 * lists * count,
            "COUNT({current_points:all})+COUNT({proportional_points:all})+COUNT({need_points:all})",
            3.0 * lists * count,
            must=cells(3),
        ),
        Check(
            Label("Indicators whose prior mean is known", "Indikaatoreid, mille eeljaotuse keskmine on teada"),
            float(count),
            "COUNT({prior_mean:all})",
            float(count),
            must="{indicators}",
        ),
        Check(
            Label(
                "Adjusted coverage below 0 % or above 100 % (1 = somewhere)",
                "Kohandatud hõlmatus alla 0 % või üle 100 % (1 = kuskil)",
            ),
            0.0,
            "IF(MIN({adjusted:all})<0,1,0)+IF(MAX({adjusted:all})>1,1,0)",
            0.0,
        ),
        Check(
            Label(
                "Intervals whose low end lies above the high one",
                "Vahemikke, mille alumine ots on ülemisest suurem",
            ),
            float((result.interval.low > result.interval.high).sum()),
            "SUMPRODUCT(--({low:all}>{high:all}))",
            0.0,
        ),
        Check(
            Label(
                "Need-adjusted scores below 0 or above the maximum (1 = somewhere)",
                "Vajaduspõhiseid skoore alla 0 või üle maksimumi (1 = kuskil)",
            ),
            float(need.min() < 0) + float(need.max() - most > _EXACT),
            "IF(MIN({need_score:all})<0,1,0)+IF(MAX({need_score:all})-{weight_total}>{band_guard},1,0)",
            0.0,
        ),
        Check(Label("Best rank", "Parim koht"), 1.0, "MIN({need_rank:all})", 1.0),
    ]
    if run.sources is not None and _is_unbroken(run.sources.target.cell_rows):
        label = Label(
            "Target population in the fund's sheet and here, difference",
            "Sihtrühm tervisekassa lehel ja siin, erinevus",
        )
        checks.append(Check(label, 0.0, "SUM({source_target:all})-SUM({target:all})", 0.0))
    if component is not None:
        there = bool(component.loadings.any())
        mapped = component.correlation @ component.loadings
        residual = float(np.abs(mapped - component.eigenvalue * component.loadings).max())
        total = result.scheme.total
        exact = component_weights(component.loadings, total).sum() if there else total
        checks += [
            Check(
                Label("Length of the loadings", "Laadungite pikkus"),
                float((component.loadings**2).sum()) if there else 1.0,
                settled("SUMSQ({loading:all})", 1),
                1.0,
                _EXACT,
            ),
            Check(
                Label(
                    "Largest distance of the loadings from an eigenvector (the component has settled)",
                    "Laadungite suurim kaugus omavektorist (peakomponent on koondunud)",
                ),
                residual,
                settled("MAX({residual:all})", 0),
                0.0,
                _EXACT,
            ),
            Check(
                Label("Exact weights less the maximum", "Täpsed kaalud miinus maksimum"),
                float(exact - result.scheme.total),
                settled("SUM({exact:all})-{total}", 0),
                0.0,
                _EXACT,
            ),
            Check(
                Label(
                    "Weights by largest remainder less the maximum, in whole points",
                    "Suurima jäägi kaalud miinus maksimum, täispunktides",
                ),
                0.0,
                settled("SUM({by_remainder:all})-ROUND({total},0)", 0),
                0.0,
            ),
        ]
    return checks


def _is_unbroken(rows: NDArray[np.intp]) -> bool:
    """Return whether nothing else stands between the fund's cells, such as rows of another period."""
    read = np.unique(rows[rows > 0])
    return bool(read[-1] - read[0] + 1 == len(read))


def _as_written(run: Run) -> list[Check]:
    result = run.result
    return [
        Check(
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
