"""The mapping file: where the table is, said by a person, for the workbooks in which it is not found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Scheme
from xl_qbs.workbook.grid import column_letter, column_number
from xl_qbs.workbook.package import read_file
from xl_qbs.workbook.toml_text import toml_values

_ROWS = ("heading_row", "first_row", "last_row")
_COLUMNS = ("provider", "name", "coefficient", "period", "indicator", "target", "done")
_LAST_COLUMN = 16_384


@dataclass(frozen=True)
class TableMapping:
    """Where a table is; what is left None is found as without a mapping.

    Attributes:
        source: the file it was read from, for messages.
        sheet: the sheet's name.
        heading_row: the row of headings, counted from 1.
        first_row: the first row of data, counted from 1.
        last_row: the last row of data, counted from 1.
        provider: the zero-based column of the lists' ids.
        name: the zero-based column of the doctors' names.
        coefficient: the zero-based column of the coefficients.
        period: the zero-based column of the periods.
        indicator: the zero-based column of the indicators' names, in a long table.
        target: the zero-based column of the target populations, in a long table.
        done: the zero-based column of the work done, in a long table.
        indicators: the zero-based columns of target and done by code, in a wide table.
    """

    source: str = "mapping"
    sheet: str | None = None
    heading_row: int | None = None
    first_row: int | None = None
    last_row: int | None = None
    provider: int | None = None
    name: int | None = None
    coefficient: int | None = None
    period: int | None = None
    indicator: int | None = None
    target: int | None = None
    done: int | None = None
    indicators: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the mapping says where the counts are, so that no headings are looked for."""
        return bool(self.indicators) or self.indicator is not None


def read_mapping(path: str | Path) -> TableMapping:
    """Read a mapping file (TOML).

    Columns are letters as Excel shows them, or numbers from 1; rows are numbers from 1.

    Raises:
        WorkbookError: the file cannot be read.
        ArgumentError: it is not TOML, or does not say what it must; lists every problem.
    """
    path = Path(path)
    try:
        data = toml_values(read_file(path).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"The mapping {path.name} is not TOML: {error}.") from None
    return mapping_from(data, path.name)


def mapping_from(data: Mapping[str, Any], source: str = "mapping") -> TableMapping:
    """Return the mapping that a parsed TOML file holds.

    Raises:
        ArgumentError: it does not say what it must; lists every problem.
    """
    problems: list[str] = []
    for key in data:
        if key not in ("sheet", "indicators", *_ROWS, *_COLUMNS):
            known = ", ".join(("sheet", *_ROWS, *_COLUMNS, "[indicators.CODE]"))
            problems.append(f"'{key}' is unknown; there are {known}")
    sheet = data.get("sheet")
    if sheet is not None and not isinstance(sheet, str):
        problems.append(f"sheet is {sheet!r}, must be a name in quotation marks")
    rows = {key: _row(key, data[key], problems) for key in _ROWS if key in data}
    columns = {key: _column(key, data[key], problems) for key in _COLUMNS if key in data}
    indicators = _indicators(data.get("indicators", {}), problems)
    problems.extend(_contradictions(data, rows, columns, indicators))
    if problems:
        raise ArgumentError(f"The mapping {source} cannot be used: " + "; ".join(problems) + ".")
    return TableMapping(source=source, sheet=sheet, indicators=indicators, **rows, **columns)


def starter_mapping(scheme: Scheme, sheet: str = "Sheet1") -> str:
    """Return the text of a mapping file to be filled in, with a line for each indicator of the scheme."""
    lines = [
        "# Where the table is. Columns are Excel's letters, rows are counted from 1.",
        f"sheet = {_toml_text(sheet)}",
        "heading_row = 10",
        'provider = "A"          # the column of the lists',
        '# name = "C"            # the column of the doctors\' names',
        '# coefficient = "D"     # the column of the coefficients',
        '# period = "B"          # the column of the years',
        "# first_row = 11        # where the data do not begin right below the headings",
        "# last_row = 791        # where something else follows the data",
        "",
    ]
    for number, indicator in enumerate(scheme.indicators):
        target, done = column_letter(4 + 2 * number), column_letter(5 + 2 * number)
        lines += [
            f"[indicators.{_toml_key(indicator.code)}]   # {indicator.name}",
            f'target = "{target}"',
            f'done = "{done}"',
            "",
        ]
    return "\n".join(lines)


def _toml_key(code: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", code):
        return code
    return _toml_text(code)


def _toml_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _row(key: str, value: Any, problems: list[str]) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_048_576:
        problems.append(f"{key} is {value!r}, must be a row number from 1")
        return None
    return value


def _column(key: str, value: Any, problems: list[str]) -> int | None:
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value - 1
    elif isinstance(value, str) and re.fullmatch(r"[A-Za-z]{1,3}", value.strip()):
        number = column_number(value.strip())
    if number is None or not 0 <= number < _LAST_COLUMN:
        problems.append(f'{key} is {value!r}, must be a column such as "E"')
        return None
    return number


def _indicators(tables: Any, problems: list[str]) -> dict[str, tuple[int, int]]:
    if not isinstance(tables, Mapping):
        problems.append("indicators must be tables such as [indicators.diab]")
        return {}
    found = {}
    for code, table in tables.items():
        if not isinstance(table, Mapping) or set(table) != {"target", "done"}:
            problems.append(f'indicators.{code} must hold target = "..." and done = "..." and nothing else')
            continue
        target = _column(f"indicators.{code}: target", table["target"], problems)
        done = _column(f"indicators.{code}: done", table["done"], problems)
        if target is not None and done is not None:
            found[code] = (target, done)
    return found


def _contradictions(
    data: Mapping[str, Any],
    rows: Mapping[str, int | None],
    columns: Mapping[str, int | None],
    indicators: Mapping[str, tuple[int, int]],
) -> list[str]:
    problems = []
    long = [key for key in ("indicator", "target", "done") if key in data]
    if long and len(long) < 3:
        problems.append("a long table needs all of indicator, target and done")
    if long and "indicators" in data:
        problems.append("a table is long (indicator, target, done) or wide ([indicators.CODE]), not both")
    if (long or "indicators" in data) and "provider" not in data:
        problems.append("provider, the column of the lists, is missing")
    if (long or "indicators" in data) and not {"heading_row", "first_row"} & set(data):
        problems.append("heading_row or first_row is missing")
    order = [(key, row) for key in _ROWS if (row := rows.get(key)) is not None]
    for (before, low), (after, high) in pairwise(order):
        if low > high or (low == high and before == "heading_row"):
            problems.append(f"{before} is {low} and {after} is {high}, which is above it")
    used: dict[int, str] = {}
    places = [(key, column) for key, column in columns.items()]
    for code, (target, done) in indicators.items():
        places += [(f"indicators.{code}: target", target), (f"indicators.{code}: done", done)]
    for what, column in places:
        if column is not None and used.setdefault(column, what) != what:
            problems.append(f"column {column_letter(column)} is given to both {used[column]} and {what}")
    return problems
