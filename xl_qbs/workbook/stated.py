"""Points and required coverage that a sheet states above its headings, against the scheme."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xl_qbs.errors import Finding
from xl_qbs.scheme import Indicator, Scheme
from xl_qbs.scheme.parse import COLUMNS, plain
from xl_qbs.workbook.fund_table import Stated
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.headings import parts
from xl_qbs.workbook.layout import Layout

# Points and shares are equal where they differ by no more than what arithmetic in Excel leaves.
_TOLERANCE = 1e-9
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


@dataclass(frozen=True)
class StatedValues:
    """What a sheet states for each indicator, by code, and what could not be read of it."""

    points: dict[str, Stated] = field(default_factory=dict)
    required_coverage: dict[str, Stated] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_stated(grid: Grid, layout: Layout) -> StatedValues:
    """Return the points and required coverage above the headings of a wide table."""
    stated = StatedValues()
    for key, convert, found in (
        ("points", _points, stated.points),
        ("required_coverage", _share, stated.required_coverage),
    ):
        rows = [row for row in range(max(layout.heading_row, 0)) if _is_labelled(grid, row, COLUMNS[key])]
        name = key.replace("_", " ")
        if len(rows) > 1:
            places = " and ".join(str(row + 1) for row in rows)
            stated.findings.append(
                _warning(grid, f"rows {places} both state {name}; neither is read.", "Leave one of them.")
            )
        elif rows:
            _read_row(grid, layout, rows[0], name=name, convert=convert, found=found, findings=stated.findings)
    return stated


def reconcile(scheme: Scheme, given: bool, stated: StatedValues, grid: Grid) -> tuple[Scheme, list[Finding]]:
    """Return the scheme in effect and what to tell of it.

    Args:
        scheme: the scheme so far.
        given: whether it was given, in an option or on a sheet; then it wins over what is stated above
            the headings. The preset, which is only a default, is replaced by it.
        stated: what the sheet states.
        grid: the sheet.
    """
    findings = list(stated.findings)
    changed = False
    indicators = []
    for indicator in scheme.indicators:
        values: dict[str, float] = {}
        for key in ("points", "required_coverage"):
            found = getattr(stated, key).get(indicator.code)
            if found is not None and abs(found[0] - getattr(indicator, key)) > _TOLERANCE:
                values[key] = found[0]
                findings.append(_differs(grid, scheme, indicator, key=key, found=found, given=given))
        changed = changed or bool(values)
        indicators.append(indicator if given else _with_values(indicator, values))
    if (stated.points or stated.required_coverage) and not changed:
        cells = [cell for found in (stated.points, stated.required_coverage) for _, cell in found.values()]
        what = f"the points and required coverage stated ({len(cells)} cells) are those of {scheme.name}."
        findings.append(Finding(what, sheet=grid.sheet, cell=cells[0], severity="note"))
    if changed and not given:
        scheme = replace(
            scheme,
            indicators=tuple(indicators),
            name=f"{scheme.name}, with the workbook's points",
            name_et=f"{scheme.name_et}, töövihiku punktidega" if scheme.name_et else "",
        )
    return scheme, findings


def _with_values(indicator: Indicator, values: Mapping[str, float]) -> Indicator:
    return replace(
        indicator,
        points=values.get("points", indicator.points),
        required_coverage=values.get("required_coverage", indicator.required_coverage),
    )


def _differs(grid: Grid, scheme: Scheme, indicator: Indicator, *, key: str, found: Stated, given: bool) -> Finding:
    value, cell = found
    usual = getattr(indicator, key)
    name = key.replace("_", " ")
    what = f"{name} of {indicator.code} is {value:g} here and {usual:g} in the scheme {scheme.name}; "
    what += f"{usual if given else value:g} is used."
    remedy = "Correct whichever is wrong." if given else "Give the scheme in force (--scheme) if that is wrong."
    return Finding(what, remedy, sheet=grid.sheet, cell=cell, severity="warning")


def _is_labelled(grid: Grid, row: int, aliases: tuple[str, ...]) -> bool:
    label = next((value for value in grid.rows[row] if isinstance(value, str)), "")
    return any(plain(part) in aliases for part in parts(label))


def _read_row(
    grid: Grid,
    layout: Layout,
    row: int,
    *,
    name: str,
    convert: Callable[[Any], float | None],
    found: dict[str, Stated],
    findings: list[Finding],
) -> None:
    for code, pair in layout.pairs.items():
        first, last = pair.group
        cells = [(column, grid.value(row, column)) for column in range(first, last + 1)]
        values = [(column, value) for column, value in cells if value is not None]
        numbers = {number for _, value in values if (number := convert(value)) is not None}
        where = cell_name(row, values[0][0] if values else first)
        if len(numbers) == 1 and all(convert(value) is not None for _, value in values):
            found[code] = (numbers.pop(), where)
        else:
            told = "is blank" if not values else "cannot be told from " + ", ".join(str(value) for _, value in values)
            what = f"{name} of {code} {told}; the scheme's is used."
            remedy = f"Write one number in row {row + 1} within the columns of {code}."
            findings.append(replace(_warning(grid, what, remedy), cell=where))


def _points(value: Any) -> float | None:
    return value if isinstance(value, float) and value >= 0 else None


def _share(value: Any) -> float | None:
    """Return a share from 0.76, from 76 or from the text 76 %; a share below 1 % is not in any scheme."""
    if isinstance(value, str):
        percent = _PERCENT.fullmatch(value.strip())
        return float(percent.group(1).replace(",", ".")) / 100 if percent else None
    if not isinstance(value, float) or not 0 <= value <= 100:
        return None
    return value if value <= 1 else value / 100


def _warning(grid: Grid, what: str, remedy: str) -> Finding:
    return Finding(what, remedy, sheet=grid.sheet, severity="warning")
