"""Counts out of cells: whole numbers from 0, and every cell that holds something else."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import Finding
from xl_qbs.workbook.grid import Grid, as_text, cell_name, range_name

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Severity = Literal["error", "warning", "note"]
AboveTarget = Literal["cap", "refuse"]

# Sums of shares come out of Excel a little off a whole number.
TOLERANCE = 1e-9
# Longer runs of one problem down a column are told of as a range.
_LONGEST_LISTED = 20
_NUMBER_TEXT = re.compile(r"[-+]?\d[\d\s']*(?:[.,]\d+)*\s*%?")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: its kind, which groups like ones, a part of a sentence, and a remedy."""

    kind: str
    wrong: str
    remedy: str


@dataclass(frozen=True)
class Column:
    """A column of numbers on a sheet.

    Attributes:
        grid: the sheet.
        rows: the zero-based rows to read.
        column: the zero-based column.
        what: what each row's cell is, such as ``diab target``.
        owners: the list that each row is about.
    """

    grid: Grid
    rows: Sequence[int]
    column: int
    what: Sequence[str]
    owners: Sequence[str]

    def tell(self, problems: Mapping[int, Problem], findings: list[Finding], severity: Severity = "error") -> None:
        """Add a finding for each problem, by index into rows.

        More than 20 of one kind without a gap become one finding for their range.
        """
        order = sorted(problems)
        start = 0
        for end in range(1, len(order) + 1):
            kind = problems[order[start]].kind
            if end < len(order) and order[end] == order[end - 1] + 1 and problems[order[end]].kind == kind:
                continue
            run = order[start:end]
            start = end
            if len(run) > _LONGEST_LISTED:
                findings.append(self._run(run, problems[run[0]], severity))
            else:
                findings.extend(self._single(index, problems[index], severity) for index in run)

    def _single(self, index: int, problem: Problem, severity: Severity) -> Finding:
        owner = self.owners[index]
        return Finding(
            f"{self.what[index]} of {owner} {problem.wrong}.",
            problem.remedy,
            sheet=self.grid.sheet,
            cell=cell_name(self.rows[index], self.column),
            provider=owner,
            severity=severity,
        )

    def _run(self, run: Sequence[int], problem: Problem, severity: Severity) -> Finding:
        return Finding(
            f"{self.what[run[0]]}: {len(run)} cells like the first, which {problem.wrong}.",
            problem.remedy,
            sheet=self.grid.sheet,
            cell=range_name(self.rows[run[0]], self.column, self.rows[run[-1]], self.column),
            severity=severity,
        )


def read_numbers(column: Column, findings: list[Finding]) -> tuple[Numbers, Mask]:
    """Return a column's numbers, NaN where there is none, and whether each cell was told of.

    A cell that is neither a number nor blank is an error. A formula without a stored value counts as
    told of: `unvalued` tells of all of them at once.
    """
    grid, at = column.grid, column.column
    cells = [grid.rows[row] for row in column.rows]
    try:
        values = [row[at] for row in cells]
    except IndexError:  # rows of a text file may be short
        values = [row[at] if at < len(row) else None for row in cells]
    kinds = set(map(type, values))
    if kinds <= {float, int}:
        numbers = np.array(values, dtype=float)
    else:
        numbers = np.array([value if type(value) in (float, int) else np.nan for value in values], dtype=float)
    problems: dict[int, Problem] = {}
    if not kinds <= {float, int, type(None)}:
        for index, value in enumerate(values):
            if value is not None and type(value) not in (float, int):
                problems[index] = _not_a_number(grid, column.rows[index], at, value)
    told = np.zeros(len(values), dtype=bool)
    if grid.errors or grid.unvalued:
        for index, row in enumerate(column.rows):
            told[index] = (row, at) in grid.unvalued
            text = grid.errors.get((row, at))
            if text is not None:
                problems[index] = Problem("error", f"holds the error {text}", "Mend the formula, or write the number.")
    for infinite in np.flatnonzero(np.isinf(numbers)):
        problems[int(infinite)] = Problem("huge", "is too large for a number", "Write the number itself.")
    told[[*problems]] = True
    numbers[told] = np.nan
    column.tell(problems, findings)
    return numbers, told


def read_counts(column: Column, findings: list[Finding]) -> tuple[Numbers, Mask]:
    """Return a column's counts as `read_numbers` does; a negative or fractional one is an error too."""
    numbers, told = read_numbers(column, findings)
    whole = np.rint(numbers)
    negative = numbers < -TOLERANCE
    fractional = (np.abs(numbers - whole) > TOLERANCE) & ~negative
    problems = {
        int(index): Problem("negative", f"is {as_text(float(numbers[index]))}, below 0", "A count starts at 0.")
        for index in np.flatnonzero(negative)
    }
    for index in np.flatnonzero(fractional):
        problems[int(index)] = Problem(
            "fractional",
            f"is {as_text(float(numbers[index]))}, not a whole number",
            "Write the number of patients, not a share or a mean.",
        )
    column.tell(problems, findings)
    told |= negative | fractional
    whole[told] = np.nan
    return np.abs(whole), told  # abs: -0.0 becomes 0.0


def read_pair(
    target: Column, done: Column, above_target: AboveTarget, findings: list[Finding]
) -> tuple[Numbers, Numbers, Mask]:
    """Return target populations and work done, 0 where both are blank, and where both are blank.

    Only one of the two blank is an error, except that work done may be blank where the target is 0.
    More done than the target is a warning, or an error with ``above_target="refuse"``.
    """
    n, told_n = read_counts(target, findings)
    x, told_x = read_counts(done, findings)
    blank_n, blank_x = np.isnan(n) & ~told_n, np.isnan(x) & ~told_x
    target.tell(
        {
            int(index): Problem("no target", "is blank, but work done is given", "Write the target population.")
            for index in np.flatnonzero(blank_n & ~blank_x)
        },
        findings,
    )
    done.tell(
        {
            int(index): Problem(
                "no done",
                f"is blank, but the target population is {n[index]:.0f}",
                "Write 0 if nothing was done.",
            )
            for index in np.flatnonzero(blank_x & (n > 0))
        },
        findings,
    )
    n, x = np.nan_to_num(n), np.nan_to_num(x)
    above = np.flatnonzero((x > n) & ~blank_n & ~told_n)
    refuse = above_target == "refuse"
    problems = {
        int(index): Problem(
            f"above {index}",  # each its own kind: what it is counted as is said for each
            f"is {x[index]:.0f}, more than the target population {n[index]:.0f}",
            "Correct one of the two." if refuse else f"It is counted as {n[index]:.0f}.",
        )
        for index in above
    }
    done.tell(problems, findings, "error" if refuse else "warning")
    return n, x, blank_n & blank_x


def unvalued(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[Finding]:
    """Return one error for all formulas of a table that have no stored value, if there are any."""
    wanted_rows, wanted_columns = set(rows), set(columns)
    cells = [cell for cell in grid.unvalued if cell[0] in wanted_rows and cell[1] in wanted_columns]
    if not cells:
        return []
    down, across = [row for row, _ in cells], [column for _, column in cells]
    count = "1 formula has" if len(cells) == 1 else f"{len(cells)} formulas have"
    return [
        Finding(
            f"{count} no stored value: the file was never calculated.",
            "Open the file in Excel and save it.",
            sheet=grid.sheet,
            cell=range_name(min(down), min(across), max(down), max(across)),
        )
    ]


def _not_a_number(grid: Grid, row: int, column: int, value: Any) -> Problem:
    if isinstance(value, bool):
        return Problem("logical", f"is {str(value).upper()}, a logical value", "Write the number.")
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        remedy = "Write the number, and give the cell a number format."
        return Problem("date", f"is a date or time ({value})", remedy)
    text = grid.text(row, column)
    shown = repr(text if len(text) <= 40 else text[:37] + "...")
    if not _NUMBER_TEXT.fullmatch(text):
        remedy = "Write the number, or 0 for target and done where there was nobody."
        return Problem("text", f"is the text {shown}", remedy)
    if grid.texts is not None:
        remedy = "Write it without spaces, separators of thousands, percent signs or leading zeros."
        return Problem("number text", f"is {shown}, which is not read as a number", remedy)
    remedy = "In Excel select the column, then Data > Text to Columns > Finish."
    return Problem("number text", f"is {shown}, a number stored as text", remedy)
