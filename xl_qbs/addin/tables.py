"""Tables with headings out of ranges: counts of lists, schemes, weights and priors, by code or name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from xl_qbs.addin.calls import RefusedError
from xl_qbs.addin.definition import CellError, Cells, CellValue
from xl_qbs.scheme import Scheme, preset, scheme_from_rows
from xl_qbs.scheme.parse import COLUMNS, plain
from xl_qbs.scoring.table import Table
from xl_qbs.workbook.headings import COUNT_ROLES, HeadingReader, parts

# How a row of totals or means begins, as in `xl_qbs.workbook.rows`.
_SUMMARY = re.compile(r"^\s*(?:kokku|totals?|sum|summa|keskmine|mean|average|mediaan|median)(?![^\W_])", re.IGNORECASE)
_CODE = (*COLUMNS["code"], *COLUMNS["name"], *COLUMNS["name_et"])
WEIGHT_HEADINGS = {"weight": (*COLUMNS["weight"], "weights", "kaalud")}
PRIOR_HEADINGS = {
    "mean": ("mean", "prior mean", "keskmine", "eeljaotuse keskmine"),
    "strength": ("strength", "prior strength", "tugevus", "eeljaotuse kaal"),
}


def scheme_of(cells: Cells) -> Scheme:
    """Return the scheme that a range describes: code, points and required coverage under their headings.

    Raises:
        SchemeError: the range holds no scheme, or one that contradicts itself.
    """
    known = preset()
    return scheme_from_rows(cells, "range", known, known)


def counts_of(cells: Cells, scheme: Scheme) -> Table:
    """Return the counts of lists from a wide range: a row a list, target and done of each indicator.

    The headings of target and done name their indicator themselves (``diab target``), or stand below its
    name, which may be merged over both. Rows without any cell, and rows of totals, are left out. Target and
    done that are both blank are 0, as is work done that is blank where the target is 0.

    Raises:
        RefusedError: no headings, an indicator of the scheme that lacks, stands twice or is not paired, a row
            without a list's id, or a cell that holds no number.
        ArgumentError: counts that are impossible, or a list that stands twice.
    """
    heading, provider, pairs, coefficient = _layout(cells, HeadingReader(scheme))
    missing = [code for code in scheme.codes if set(pairs.get(code, ())) != set(COUNT_ROLES)]
    if missing:
        raise _refused(f"there is no target and done for {', '.join(missing)}")
    columns = [column for code in scheme.codes for column in pairs[code].values()]
    rows = [row for row in cells[heading + 1 :] if _is_list(row, provider, columns)]
    if not rows:
        raise _refused("there are no lists below the headings")
    target = np.array([[_number(row[pairs[code]["target"]]) for code in scheme.codes] for row in rows])
    done = np.array([[_number(row[pairs[code]["done"]]) for code in scheme.codes] for row in rows])
    done[np.isnan(done) & ((target == 0) | np.isnan(target))] = 0.0
    target[np.isnan(target) & (done == 0)] = 0.0
    if np.isnan(target).any() or np.isnan(done).any():
        raise _refused("one of two counts is blank")
    factors = None
    if coefficient is not None:
        given = np.array([_number(row[coefficient]) for row in rows])
        factors = np.where(np.isnan(given), 1.0, given)
    providers = tuple(identity(row[provider]) for row in rows)
    return Table(providers, scheme.codes, target, done, coefficient=factors)


def numbers_by_code(cells: Cells, scheme: Scheme, wanted: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, ...]]:
    """Return the wanted numbers of each indicator, by code; rows are matched by code or name.

    Raises:
        RefusedError: headings or indicators that lack or stand twice, or a cell that holds no number.
    """
    reader = HeadingReader(scheme)
    heading = 0
    for heading, row in enumerate(cells):  # noqa: B007  (used below)
        named = [{plain(part) for part in parts(one)} if isinstance(one, str) else set() for one in row]
        places = [
            next((column for column, texts in enumerate(named) if texts & set(names)), None)
            for names in (_CODE, *wanted.values())
        ]
        if None not in places:
            break
    else:
        raise _refused(f"there are no headings for code and {' and '.join(wanted)}")
    found: dict[str, tuple[float, ...]] = {}
    code_at, *number_at = (place for place in places if place is not None)
    for row in cells[heading + 1 :]:
        codes = reader.codes(identity(row[code_at]))
        if not codes:
            continue
        code = next(iter(codes))
        numbers = tuple(_number(row[at]) for at in number_at)
        if len(codes) > 1 or code in found or any(map(np.isnan, numbers)):
            raise _refused(f"{code} is not clear")
        found[code] = numbers
    missing = [code for code in scheme.codes if code not in found]
    if missing:
        raise _refused(f"{', '.join(missing)} are missing")
    return found


def _layout(cells: Cells, reader: HeadingReader) -> tuple[int, int, dict[str, dict[str, int]], int | None]:
    """Return heading row, the lists' column, target and done columns by code, and the coefficients' column."""
    for number, row in enumerate(cells):
        headings = [reader.read(value) for value in row]
        roles = [heading.role for heading in headings]
        if not set(COUNT_ROLES) <= set(roles):
            continue
        providers = _columns_of(cells, reader, number, "provider")
        if len(providers) != 1:
            raise _refused(f"{len(providers)} columns are headed as the list")
        pairs: dict[str, dict[str, int]] = {}
        for column, heading in enumerate(headings):
            if heading.role not in COUNT_ROLES:
                continue
            codes = heading.codes
            if not codes and not heading.other:
                codes = _named_above(cells, reader, number, column)
            if len(codes) > 1:
                raise _refused(f"a heading names {' and '.join(sorted(codes))}")
            for code in codes:
                if heading.role in pairs.setdefault(code, {}):
                    raise _refused(f"{code} has two columns for {heading.role}")
                pairs[code][heading.role] = column
        coefficients = _columns_of(cells, reader, number, "coefficient")
        if len(coefficients) > 1:
            raise _refused("two columns are headed as coefficient")
        return number, providers[0], pairs, coefficients[0] if coefficients else None
    raise _refused("there is no row with headings for target and done")


def _columns_of(cells: Cells, reader: HeadingReader, number: int, role: str) -> list[int]:
    """Return the columns headed as a role, in the row of headings or, where that is blank, above it."""
    found = [column for column, value in enumerate(cells[number]) if reader.read(value).role == role]
    for above in reversed(cells[:number]):
        if found:
            break
        blank = [column for column, value in enumerate(cells[number]) if value is None]
        found = [column for column in blank if reader.read(above[column]).role == role]
    return found


def _named_above(cells: Cells, reader: HeadingReader, number: int, column: int) -> frozenset[str]:
    """Return the indicators that the text above a column names; a merged text stands in its first cell."""
    for row in reversed(cells[:number]):
        text = next((value for value in reversed(row[: column + 1]) if value is not None), None)
        codes: frozenset[str] = reader.codes(text) if isinstance(text, str) else frozenset()
        if codes:
            return codes
    return frozenset()


def _is_list(row: Sequence[CellValue], provider: int, columns: Sequence[int]) -> bool:
    """Return whether a row holds a list, and not nothing, totals or a note."""
    if all(value is None for value in row):
        return False
    first = next((value for value in row if value is not None), None)
    if any(isinstance(value, str) and _SUMMARY.match(value) for value in (row[provider], first)):
        return False
    counted = any(row[column] is not None for column in columns)
    if row[provider] is None and not counted:
        return False
    if isinstance(row[provider], str) and str(row[provider]).lstrip().startswith("*") and not counted:
        return False
    if row[provider] is None or not counted:
        raise _refused("a row has counts but no list, or a list but no counts")
    return True


def identity(value: CellValue) -> str:
    """Return the text that identifies a list or an indicator: 17, not 17.0."""
    if isinstance(value, CellError):
        raise RefusedError(value)
    if isinstance(value, bool) or not isinstance(value, (str, float, int)):
        if value is None:
            return ""
        raise _refused("the id of a list is no text or number")
    text = f"{value:.15g}" if isinstance(value, float) else str(value).strip()
    return re.sub(" {2,}", " ", text)


def _number(value: CellValue) -> float:
    """Return a cell's number, NaN where it is blank."""
    if value is None:
        return float("nan")
    if isinstance(value, CellError):
        raise RefusedError(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refused(f"{value!r} is no number")
    return float(value)


def _refused(why: str) -> RefusedError:
    return RefusedError(CellError.VALUE, why)
