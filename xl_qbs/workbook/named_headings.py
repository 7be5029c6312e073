"""Where a table's columns stand: the sheet and row that have the headings asked for, and the column of ids."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xl_qbs.errors import ArgumentError, TableNotFoundError
from xl_qbs.scheme.parse import plain
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.headings import parts
from xl_qbs.workbook.input_file import InputFile

# Headings are looked for in so many rows; a wrong name is compared with the headings of fewer.
_HEADING_ROWS, _COMPARED_ROWS = 1000, 200
# So many headings are listed for one to be chosen.
_NAMED_HEADINGS = 40
# What a column of ids is headed as, the surest first; compared by `plain`.
_LISTS = ("provider", "facility", "list", "nimistu", "perearsti nimistu")
_OTHERS = ("hospital", "practice", "clinic", "doctor", "physician", "haigla", "asutuse", "osutaja", "arsti")
_IS_ID = ("id", "code", "number", "no", "nr", "ccn", "kood")
_ID_HEADINGS = (
    frozenset(f"{noun} {word}" for noun in (*_LISTS, *_OTHERS) for word in _IS_ID),
    frozenset(_LISTS),
    frozenset({"id", "uid", "ccn", "npi", "code", "kood"}),
)
# So many rows of totals and averages may stand below the last id.
_MOST_TOTALS = 3


@dataclass(frozen=True)
class Headings:
    """A row as headings.

    Attributes:
        row: the zero-based row.
        texts: the text of each zero-based column, empty where there is none.
        places: the columns of each text, which is as `compared` returns it.
    """

    row: int
    texts: Mapping[int, str]
    places: Mapping[str, list[int]]

    def first_row(self, grid: Grid, columns: Iterable[int]) -> int:
        """Return the row below the headings, which may be merged with cells below them."""
        wanted = set(columns)
        over = (box for box in grid.merged if box[0][0] <= self.row <= box[1][0] and box[0][1] in wanted)
        return max((box[1][0] for box in over), default=self.row) + 1


def compared(text: str) -> str:
    r"""Return a heading as it is compared: without case, its spaces and line breaks folded.

    >>> compared(" Kulu\nCost ")
    'kulu cost'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def quoted(text: str) -> str:
    """Return a heading as messages show it: in one line, shortened."""
    line = " ".join(text.split())
    return f"'{line if len(line) <= 60 else line[:57] + '...'}'"


def checked_names(roles: Mapping[str, str], also: Mapping[str, str]) -> dict[str, str]:
    """Return the heading asked for of each role.

    Args:
        roles: the heading of each role's column, each of a column of its own.
        also: further columns, by role, which may be those of `roles`.

    Raises:
        ArgumentError: two of `roles` name one column, or a name is empty.
    """
    named = {**roles, **also}
    for role, name in named.items():
        if not isinstance(name, str) or not compared(name):
            raise ArgumentError(f"{role.partition(':')[0]} == {name!r}, must be the heading of a column")
    owners: dict[str, str] = {}
    for role, name in roles.items():
        other = owners.setdefault(compared(name), role)
        if other != role:
            raise ArgumentError(
                f"{other.replace('_', ' ')} and {role.replace('_', ' ')} both name the column {quoted(name)}; "
                "each needs a column of its own"
            )
    return named


def find_headings(file: InputFile, named: Mapping[str, str], sheet: str | None) -> tuple[Grid, Headings]:
    """Return the one sheet that has the headings in one row, and that row, the first such on it.

    Args:
        file: the file; result sheets of an earlier run are passed over.
        named: the heading of each role.
        sheet: the only sheet to look at, be it a result sheet; None for all.

    Raises:
        TableNotFoundError: no sheet has them, with what there is instead; or several have; or there is no such sheet.
    """
    grids = file.own_grids() if sheet is None else file.grids(file.sheet_name(sheet))
    wanted = {compared(name) for name in named.values()}
    found = []
    for grid in grids:
        row = next((one for one in _heading_rows(grid, _HEADING_ROWS) if wanted <= one.places.keys()), None)
        if row is not None:
            found.append((grid, row))
    if len(found) == 1:
        return found[0]
    names = ", ".join(quoted(name) for name in dict.fromkeys(named.values()))
    if found:
        sheets = ", ".join(f"'{_label(grid)}' (row {one.row + 1})" for grid, one in found)
        raise TableNotFoundError(
            f"{file.path.name} has {names} on {len(found)} sheets: {sheets}. "
            f"Say which one with --sheet, such as --sheet '{found[0][0].sheet}'."
        )
    lines = [f"No table with {names} was found in {file.path.name}."]
    lines += [f"  {_label(grid)}: {_story(grid, named)}" for grid in grids]
    if not grids:
        lines.append("  It has no worksheets besides results of an earlier run; name one with --sheet.")
    raise TableNotFoundError("\n".join(lines))


def id_column(file: InputFile, grid: Grid, headings: Headings, first: int, taken: set[int], ids_repeat: bool) -> int:
    """Return the column of ids where none was named: by its heading, else by what stands in it.

    Args:
        file: the file, as messages call it.
        grid: the sheet.
        headings: the row of its headings.
        first: the zero-based row below them.
        taken: the zero-based columns that were named.
        ids_repeat: whether one provider has many rows; then only a heading that names the provider will do,
            since ID may be the patient's.

    Raises:
        TableNotFoundError: there is no such column, or two are headed as one.
    """
    free = [column for column, text in headings.texts.items() if text and column not in taken]
    for known in _ID_HEADINGS[:2] if ids_repeat else _ID_HEADINGS:
        found = [one for one in free if any(plain(part) in known for part in parts(headings.texts[one]))]
        if len(found) > 1:
            cells = " and ".join(f"{cell_name(headings.row, one)} ({quoted(headings.texts[one])})" for one in found)
            raise TableNotFoundError(
                f"{grid.sheet} in {file.path.name}: {cells} could each be the column of the providers' ids. "
                "Say which with --provider."
            )
        if found:
            return found[0]
    filled = [row for row in range(first, len(grid.rows)) if any(grid.value(row, one) is not None for one in taken)]
    # A column without a heading may be one of row numbers, so it comes last.
    left = [] if ids_repeat else sorted(set(range(min(taken))) - taken, key=lambda one: one not in free)
    for column in left:
        if _are_ids(grid, filled, column):
            return column
    listed = ", ".join(quoted(headings.texts[one]) for one in free[:_NAMED_HEADINGS])
    raise TableNotFoundError(
        f"{grid.sheet} in {file.path.name}: no column of the providers' ids was found. "
        f"Name it with --provider; the other headings in row {headings.row + 1} are: {listed or 'none'}."
    )


def column_values(grid: Grid, rows: Sequence[int], column: int) -> list[Any]:
    """Return a column's cells; rows of a text file may be short."""
    cells = grid.rows
    try:
        return [cells[row][column] for row in rows]
    except IndexError:
        return [grid.value(row, column) for row in rows]


def _heading_rows(grid: Grid, most: int) -> Iterator[Headings]:
    tall = [box for box in grid.merged if box[0][0] < box[1][0]]
    for row, cells in enumerate(grid.rows[:most]):
        texts = {column: grid.text(row, column) for column in range(len(cells))}
        for (top, left), (bottom, _) in tall:
            if top < row <= bottom and not texts.get(left):
                texts[left] = grid.text(top, left)
        places: dict[str, list[int]] = {}
        for column, text in sorted(texts.items()):
            if text:
                places.setdefault(compared(text), []).append(column)
        yield Headings(row, texts, places)


def _story(grid: Grid, named: Mapping[str, str]) -> str:
    """Say which columns a sheet lacks, what may have been meant, and which headings there are."""
    rows = list(_heading_rows(grid, _COMPARED_ROWS))
    wanted = {compared(name): name for name in named.values()}
    texts = {one.row: sum(isinstance(value, str) for value in grid.rows[one.row]) for one in rows}
    best = max(rows, key=lambda one: (len(wanted.keys() & one.places.keys()), texts[one.row]), default=None)
    if best is None or not best.places:
        return "it is empty."
    told = []
    for name, shown in wanted.items():
        if name in best.places:
            continue
        near = difflib.get_close_matches(name, best.places, n=1) or [one for one in best.places if name in one]
        elsewhere = next((one for one in rows if name in one.places), None)
        hint = ""
        if elsewhere is not None:
            cell = cell_name(elsewhere.row, elsewhere.places[name][0])
            hint = f" (it stands in {cell}, but all of them must stand in one row)"
        elif near:
            hint = f" (did you mean {quoted(best.texts[best.places[near[0]][0]])}?)"
        told.append(f"no {quoted(shown)}{hint}")
    headings = [quoted(text) for text in best.texts.values() if text]
    more = f" and {len(headings) - _NAMED_HEADINGS} more" if len(headings) > _NAMED_HEADINGS else ""
    listed = ", ".join(headings[:_NAMED_HEADINGS])
    return f"row {best.row + 1} has {', '.join(told)}. Its headings: {listed}{more}."


def _are_ids(grid: Grid, rows: Sequence[int], column: int) -> bool:
    values = column_values(grid, rows, column)
    for _ in range(_MOST_TOTALS):
        if values and values[-1] is None:
            values.pop()
    texts = {grid.text(row, column) for row in rows[: len(values)]}
    known = all(
        isinstance(value, str) or (value.__class__ in {float, int} and float(value).is_integer()) for value in values
    )
    return known and len(values) == len(texts) > len(rows) - len(values)


def _label(grid: Grid) -> str:
    return f"{grid.sheet} (hidden)" if grid.state != "visible" else grid.sheet
