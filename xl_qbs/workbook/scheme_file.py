"""Schemes, weights and priors from files (.toml, .csv, .xlsx), and the scheme's sheet in a workbook."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from xl_qbs.errors import SchemeError
from xl_qbs.scheme import Scheme, preset, scheme_from_mapping, scheme_from_rows
from xl_qbs.scheme.parse import COLUMNS, find_scheme_rows, plain
from xl_qbs.workbook.grid import Grid, as_text, cell_name
from xl_qbs.workbook.headings import COUNT_ROLES, ROLES, HeadingReader, parts
from xl_qbs.workbook.input_file import InputFile
from xl_qbs.workbook.package import read_file
from xl_qbs.workbook.toml_text import toml_values

# Names under which a scheme's sheet is looked for first, where several sheets would do.
SHEET_NAMES = ("scheme", "skeem", "qbs scheme", "scheme and parameters")
_TEXT_FIELDS = ("code", "domain", "name", "name_et", "aliases", "unit")
_CODE_HEADINGS = (*COLUMNS["code"], *COLUMNS["name"], *COLUMNS["name_et"])
_WEIGHT_HEADINGS = (*COLUMNS["weight"], "weights", "kaalud")
_MEAN_HEADINGS = ("mean", "prior mean", "keskmine")
_STRENGTH_HEADINGS = ("strength", "prior strength", "tugevus")
# A heading row is looked for near the top of a sheet only.
_HEADING_ROWS = 40


def read_scheme_file(path: str | Path, known: Scheme | None = None) -> Scheme:
    """Read a scheme from a file.

    Args:
        path: a .toml file as `scheme_from_mapping` takes it, or a .csv or .xlsx file with a sheet that
            `find_scheme_sheet` finds.
        known: gives names and aliases of indicators of the same code where a sheet leaves them out, and
            bands and conditions, which a sheet does not hold; the preset where it is None.

    Raises:
        WorkbookError: the file cannot be read as a file.
        SchemeError: it holds no scheme, or one that cannot be used; the message names the file.
    """
    path = Path(path)
    if path.suffix.lower() == ".toml":
        return _from_toml(path)
    source = InputFile(path)
    grids = source.grids()
    grid = find_scheme_sheet(grids)
    if grid is None:
        held = [one.sheet for one in grids if _holds_scheme(one)]
        if held:
            told = f"more than one sheet holds a scheme: {', '.join(held)}. Name the right one 'Scheme'"
        else:
            columns = "; ".join(f"{key}: {' / '.join(COLUMNS[key])}" for key in ("code", "points", "required_coverage"))
            told = f"no row of headings has a code, points and required coverage ({columns})"
        raise SchemeError(f"{path.name}: {told}.")
    return scheme_from_grid(grid, path.name, known)


def scheme_from_grid(grid: Grid, file: str, known: Scheme | None = None) -> Scheme:
    """Return the scheme that a sheet holds; see `read_scheme_file`.

    Raises:
        SchemeError: the scheme cannot be used; the message names file and sheet.
    """
    known = known or preset()
    rows = [list(row) for row in grid.rows]
    found = find_scheme_rows(rows)
    if found is not None:
        heading, columns = found
        for number in range(heading + 1, len(rows)):
            for key in _TEXT_FIELDS:
                column = columns.get(key)
                # A code such as 17 is a number to Excel and would read as 17.0.
                if column is not None and column < len(rows[number]):
                    rows[number][column] = grid.text(number, column)
    name = grid.sheet if grid.texts is not None else f"{grid.sheet} ({file})"
    try:
        return scheme_from_rows(rows, name, known, known)
    except SchemeError as error:
        raise SchemeError(f"{file}, sheet '{grid.sheet}': {error}") from None


def find_scheme_sheet(grids: Sequence[Grid]) -> Grid | None:
    """Return the sheet that holds a scheme, if there is exactly one, or one of them has a usual name."""
    holding = [grid for grid in grids if _holds_scheme(grid)]
    named = [grid for grid in holding if plain(grid.sheet) in SHEET_NAMES]
    for candidates in (holding, named):
        if len(candidates) == 1:
            return candidates[0]
    return None


def scheme_sheets(grids: Sequence[Grid]) -> list[str]:
    """Return the names of all sheets that hold a scheme."""
    return [grid.sheet for grid in grids if _holds_scheme(grid)]


def read_weights_file(path: str | Path, scheme: Scheme) -> dict[str, float]:
    """Read weights (.csv, .xlsx): a row an indicator, with its code or name and its weight.

    Rows are matched to the scheme by code, name or alias, never by position.

    Returns:
        The weight of every indicator of the scheme, by code, in the scheme's order.

    Raises:
        WorkbookError: the file cannot be read as a file.
        SchemeError: columns or indicators lack or stand twice, or a weight is no number from 0; lists every
            problem. Indicators that the scheme does not have are passed over.
    """
    numbers = _read_by_code(Path(path), scheme, {"weight": _WEIGHT_HEADINGS})
    return {code: row["weight"] for code, row in numbers.items()}


def read_prior_file(path: str | Path, scheme: Scheme) -> dict[str, tuple[float, float]]:
    """Read fixed priors (.csv, .xlsx): a row an indicator, with code or name, mean and strength.

    Returns:
        Prior mean (a share from 0 to 1) and strength (patients, from 0) of every indicator of the
        scheme, by code, in the scheme's order.

    Raises:
        WorkbookError: the file cannot be read as a file.
        SchemeError: columns or indicators lack or stand twice, or a number is out of bounds; lists every
            problem. Indicators that the scheme does not have are passed over.
    """
    numbers = _read_by_code(Path(path), scheme, {"mean": _MEAN_HEADINGS, "strength": _STRENGTH_HEADINGS})
    above = [code for code, row in numbers.items() if row["mean"] > 1]
    if above:
        raise SchemeError(f"{Path(path).name}: the mean of {', '.join(above)} is above 1; write a share such as 0.76.")
    return {code: (row["mean"], row["strength"]) for code, row in numbers.items()}


def _from_toml(path: Path) -> Scheme:
    try:
        data = toml_values(read_file(path).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemeError(f"{path.name} is not TOML: {error}.") from None
    try:
        return scheme_from_mapping(data)
    except SchemeError as error:
        raise SchemeError(f"{path.name}: {error}") from None


def _holds_scheme(grid: Grid) -> bool:
    found = find_scheme_rows(grid.rows)
    if found is None:
        return False
    # A long indicator table may state points and required coverage beside its counts.
    counts = {alias for role in COUNT_ROLES for alias in ROLES[role]}
    headings = [value for value in grid.rows[found[0]] if isinstance(value, str)]
    return not any(plain(part) in counts for heading in headings for part in parts(heading))


def _read_by_code(path: Path, scheme: Scheme, wanted: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Return the wanted numbers of every indicator, by code in the scheme's order."""
    for grid in InputFile(path).grids():
        found = _headings(grid, {"code": _CODE_HEADINGS, **wanted})
        if found is not None:
            return _numbers_by_code(path, grid, scheme, found)
    columns = "; ".join(f"{key}: {' / '.join(names)}" for key, names in wanted.items())
    raise SchemeError(
        f"{path.name}: no row of headings has an indicator's code or name ({' / '.join(_CODE_HEADINGS)}) and {columns}."
    )


def _headings(grid: Grid, wanted: Mapping[str, Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(grid.rows[:_HEADING_ROWS]):
        found: dict[str, int] = {}
        for column, value in enumerate(row):
            texts = {plain(part) for part in parts(value)} if isinstance(value, str) else set()
            for key, names in wanted.items():
                if texts & set(names):
                    found.setdefault(key, column)
        if wanted.keys() == found.keys():
            return number, found
    return None


def _numbers_by_code(
    path: Path, grid: Grid, scheme: Scheme, headings: tuple[int, dict[str, int]]
) -> dict[str, dict[str, float]]:
    heading, columns = headings
    reader = HeadingReader(scheme)
    problems: list[str] = []
    unknown: list[str] = []
    found: dict[str, dict[str, float]] = {}
    for row in range(heading + 1, len(grid.rows)):
        name = grid.text(row, columns["code"])
        if not name:
            break
        where = cell_name(row, columns["code"])
        codes = sorted(reader.codes(name))
        if not codes:
            unknown.append(f"{where}: '{name}' is not an indicator of the scheme")
        elif len(codes) > 1:
            problems.append(f"{where}: '{name}' may be {' or '.join(codes)}")
        elif codes[0] in found:
            problems.append(f"{where}: {codes[0]} stands twice")
        else:
            found[codes[0]] = _row_numbers(grid, row, columns, codes[0], problems)
    missing = [f"{code} is missing" for code in scheme.codes if code not in found]
    # A file may serve more schemes than this one; what it does not know matters only where something lacks.
    problems += [*unknown, *missing] if missing else []
    if problems:
        raise SchemeError(f"{path.name}, sheet '{grid.sheet}': " + "; ".join(problems) + ".")
    return {code: found[code] for code in scheme.codes}


def _row_numbers(grid: Grid, row: int, columns: Mapping[str, int], code: str, problems: list[str]) -> dict[str, float]:
    numbers = {}
    for key, column in columns.items():
        if key == "code":
            continue
        value = grid.value(row, column)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
            shown = as_text(value) or grid.errors.get((row, column), "blank")
            problems.append(f"{cell_name(row, column)}: {key} of {code} is {shown}, must be a number from 0")
        else:
            numbers[key] = float(value)
    return numbers
