"""Where the table is on a sheet: its heading row, the lists' column, the columns of each indicator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from xl_qbs.errors import ArgumentError, Finding
from xl_qbs.scheme import Scheme
from xl_qbs.workbook.grid import Box, Cell, Grid, cell_name, column_letter
from xl_qbs.workbook.headings import COUNT_ROLES, Heading, HeadingReader, first_part, may_hold
from xl_qbs.workbook.mapping import TableMapping

Kind = Literal["wide", "long", "mapping"]

# So many rows above the headings of target and done may name the indicator.
_GROUP_ROWS = 6
# The list's own heading may stand a little above the row of targets.
_PROVIDER_ROWS = 3
# Rows that may be headings are tried, but not without an end: a hostile file holds millions.
_MOST_TRIED = 2_000
_BY_HAND = "Give the column in a mapping file (--mapping)."


@dataclass(frozen=True)
class Pair:
    """The two columns of one indicator.

    Attributes:
        target: zero-based column of the target population.
        done: zero-based column of the work done.
        heading: the cell that names the indicator.
        group: first and last column that belong to the indicator, formula columns among them.
    """

    target: int
    done: int
    heading: Cell
    group: tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """Where everything stands on the sheet; rows and columns are zero-based.

    Attributes:
        kind: ``wide`` (a pair of columns an indicator), ``long`` (a row a pair), or ``mapping`` (wide,
            as a mapping file says).
        heading_row: the row of the headings of target and done; -1 where there is none.
        first_row: the first row that may hold data.
        last_row: the last row that may hold data, None for the sheet's last.
        provider: the column of the lists' ids.
        pairs: the columns of each indicator by code; empty for a long table.
        indicator: the column of the indicators' names in a long table, with its target and done.
        target: the column of target populations in a long table.
        done: the column of work done in a long table.
        name: the column of the doctors' names.
        coefficient: the column of the coefficients.
        period: the column of the periods.
        columns: first and last column of the table.
        troubled: indicators whose headings are in the findings, so that they are not missed once more.
        findings: what is wrong or notable about the headings.
    """

    kind: Kind
    heading_row: int
    first_row: int
    provider: int
    columns: tuple[int, int]
    pairs: Mapping[str, Pair]
    indicator: int | None = None
    target: int | None = None
    done: int | None = None
    name: int | None = None
    coefficient: int | None = None
    period: int | None = None
    last_row: int | None = None
    troubled: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def long(self) -> bool:
        """Whether each row holds one pair."""
        return self.indicator is not None

    @property
    def count_columns(self) -> tuple[int, ...]:
        """The columns that hold counts."""
        if self.target is not None and self.done is not None:
            return (self.target, self.done)
        return tuple(column for pair in self.pairs.values() for column in (pair.target, pair.done))


@dataclass(frozen=True)
class NotFound:
    """Why a sheet holds no table: what was found and what lacks; ``rank`` grows with how close it came."""

    why: str
    rank: int = 0


def find_layout(
    grid: Grid, reader: HeadingReader, scheme: Scheme, mapping: TableMapping | None = None
) -> Layout | NotFound:
    """Find the table on a sheet.

    Args:
        grid: the sheet.
        reader: reads headings against the scheme's names.
        scheme: the scheme.
        mapping: what a person said about where it is; overrides what would be found.

    Returns:
        The layout of the first heading row that names the list and at least one indicator's target and
        done; or what was found instead. Contradictions in the headings are findings of the layout.

    Raises:
        ArgumentError: the mapping names indicators that the scheme lacks, or rows beyond the sheet.
    """
    if mapping is not None and mapping.complete:
        return _mapped(grid, scheme, mapping)
    closest = NotFound("no headings for target and done were found")
    for row in _heading_rows(grid, mapping):
        found = _HeadingRow(grid, reader, row, mapping).layout()
        if isinstance(found, Layout):
            return _with_bounds(found, mapping)
        if found.rank > closest.rank:
            closest = found
    if closest.rank == 0:
        closest = _provider_only(grid, reader) or closest
    if mapping is not None and mapping.heading_row is not None:
        closest = NotFound(f"in row {mapping.heading_row}, which the mapping gives: {closest.why}", closest.rank)
    return closest


def _heading_rows(grid: Grid, mapping: TableMapping | None) -> Iterator[int]:
    if mapping is not None and mapping.heading_row is not None:
        yield mapping.heading_row - 1
        return
    tried = 0
    for number, row in enumerate(grid.rows):
        texts = [value for value in row if value.__class__ is str]
        if len(texts) >= len(COUNT_ROLES) and all(may_hold(texts, role) for role in COUNT_ROLES):
            yield number
            tried += 1
            if tried == _MOST_TRIED:
                return


def _with_bounds(layout: Layout, mapping: TableMapping | None) -> Layout:
    if mapping is None:
        return layout
    return replace(
        layout,
        first_row=layout.first_row if mapping.first_row is None else mapping.first_row - 1,
        last_row=None if mapping.last_row is None else mapping.last_row - 1,
        name=layout.name if mapping.name is None else mapping.name,
        coefficient=layout.coefficient if mapping.coefficient is None else mapping.coefficient,
        period=layout.period if mapping.period is None else mapping.period,
    )


@dataclass(frozen=True)
class _Named:
    """A target or done column and what names its indicator."""

    column: int
    role: str
    codes: frozenset[str]
    other: str
    heading: Cell
    group: tuple[int, int]


class _HeadingRow:
    """One row, looked at as the row of headings."""

    def __init__(self, grid: Grid, reader: HeadingReader, row: int, mapping: TableMapping | None) -> None:
        self.grid = grid
        self.reader = reader
        self.row = row
        self.mapping = mapping
        top = max(row - _GROUP_ROWS, 0)
        self.merged = [box for box in grid.merged if box[0][0] <= row and box[1][0] >= top]
        above = grid.rows[top : row + 1]
        self.width = max((len(cells) for cells in above), default=0)
        self.headings = {
            column: heading for column in range(self.width) if (heading := reader.read(self._value(row, column))).roles
        }

    def layout(self) -> Layout | NotFound:
        provider = self._provider()
        counts = [column for column, heading in self.headings.items() if heading.role in COUNT_ROLES]
        roles = {self.headings[column].role for column in counts}
        if roles != set(COUNT_ROLES):
            return NotFound("no headings for target and done were found")
        cells = ", ".join(cell_name(self.row, column) for column in counts[:4])
        cells += ", ..." if len(counts) > 4 else ""
        if isinstance(provider, NotFound):
            return NotFound(f"headings for target and done were found ({cells}), but {provider.why}", 2)
        long = self._long(provider, counts)
        if long is not None:
            return long
        named = [self._name(column) for column in counts]
        if not any(one.codes for one in named):
            others = ", ".join(dict.fromkeys(f"'{one.other}'" for one in named if one.other))
            seen = f"they belong to {others}" if others else "nothing above them names an indicator"
            return NotFound(
                f"headings for target and done were found ({cells}), but {seen}, and none of that is an "
                "indicator of the scheme: add it to an indicator's aliases, or give the scheme (--scheme)",
                3,
            )
        findings: list[Finding] = []
        pairs = self._pairs(named, findings)
        named_codes = frozenset(code for one in named for code in one.codes)
        return replace(self._built("wide", provider, pairs, findings), troubled=named_codes - pairs.keys())

    def _value(self, row: int, column: int) -> Any:
        """Return a heading's value; of a cell merged with cells above it, the value that it shows."""
        value = self.grid.value(row, column)
        if value is None:
            box = self._box(row, column)
            if box is not None and box[0][1] == column:
                return self.grid.value(*box[0])
        return value

    def _box(self, row: int, column: int) -> Box | None:
        for box in self.merged:
            if box[0][0] <= row <= box[1][0] and box[0][1] <= column <= box[1][1]:
                return box
        return None

    def _provider(self) -> int | NotFound:
        if self.mapping is not None and self.mapping.provider is not None:
            return self.mapping.provider
        found = [(self.row, column) for column, heading in self.headings.items() if heading.role == "provider"]
        for up in range(1, _PROVIDER_ROWS + 1):
            if found or self.row - up < 0:
                break
            # Above the row only where the row itself is blank, or it would be another column's heading.
            found = [
                (self.row - up, column)
                for column in range(self.width)
                if self._value(self.row, column) is None
                and self.reader.read(self.grid.value(self.row - up, column)).role == "provider"
            ]
        if not found:
            return NotFound(f"no heading for the list (Nimistu, List, Provider, ID) beside them in row {self.row + 1}")
        if len(found) > 1:
            cells = " and ".join(cell_name(*cell) for cell in found)
            return NotFound(
                f"{cells} could each be the heading of the list: say which in a mapping file, with "
                f'heading_row = {self.row + 1} and provider = "{column_letter(found[0][1])}"'
            )
        return found[0][1]

    def _side_column(self, role: str) -> int | None:
        columns = self._side_columns(role)
        return columns[0] if columns else None

    def _side_columns(self, role: str) -> list[int]:
        found = [column for column, heading in self.headings.items() if heading.role == role]
        for up in range(1, _PROVIDER_ROWS + 1):
            if found or self.row - up < 0:
                break
            found = [
                column
                for column in range(self.width)
                if self._value(self.row, column) is None
                and self.reader.read(self.grid.value(self.row - up, column)).role == role
            ]
        return found

    def _long(self, provider: int, counts: Sequence[int]) -> Layout | None:
        """Return the layout of a table with a row a pair, where the row's headings say that it is one."""
        indicator = [column for column, heading in self.headings.items() if heading.role == "indicator"]
        if len(indicator) != 1 or len(counts) != len(COUNT_ROLES):
            return None
        if any(self._name(column).codes for column in counts):
            return None
        target, done = sorted(counts, key=lambda column: COUNT_ROLES.index(self.headings[column].role))
        built = self._built("long", provider, {}, [])
        return replace(built, indicator=indicator[0], target=target, done=done)

    def _name(self, column: int) -> _Named:
        """Return what names the indicator of a target or done column."""
        heading = self.headings[column]
        here = (self.row, column)
        if heading.codes or heading.other:
            return _Named(column, heading.role, heading.codes, heading.other, here, (column, column))
        nearest: _Named | None = None
        for row in range(self.row - 1, max(self.row - _GROUP_ROWS, 0) - 1, -1):
            cell, group = self._group(row, column)
            if cell is None:
                continue
            text = str(self.grid.value(*cell))
            codes = self.reader.codes(text)
            named = _Named(column, heading.role, codes, first_part(text), cell, group)
            if codes:
                return named
            nearest = nearest or named
        return nearest or _Named(column, heading.role, frozenset(), "", here, (column, column))

    def _group(self, row: int, column: int) -> tuple[Cell | None, tuple[int, int]]:
        """Return the text cell of a row that stands over a column, and the columns that it stands over.

        A merged cell stands over what it covers. Any other stands over the blank cells to its right, as
        where a merged heading was saved to CSV or is centred without merging.
        """
        nothing = (None, (column, column))
        box = self._box(row, column)
        if box is not None:
            if box[0][0] != row or not isinstance(self.grid.value(*box[0]), str):
                return nothing
            return box[0], (box[0][1], box[1][1])
        start = column
        while start >= 0 and self.grid.value(row, start) is None and self._box(row, start) is None:
            start -= 1
        if start < 0 or not isinstance(self.grid.value(row, start), str) or self._is_side(start):
            return nothing
        if self._box(row, start) is not None:
            return nothing
        end = column
        while end + 1 < self.width and self.grid.value(row, end + 1) is None and self._box(row, end + 1) is None:
            end += 1
        return (row, start), (start, end)

    def _is_side(self, column: int) -> bool:
        """Return whether a column is the list's, the doctor's or the like, whose text above is a label."""
        if self.mapping is not None and column == self.mapping.provider:
            return True
        heading = self.headings.get(column)
        return heading is not None and heading.role not in COUNT_ROLES

    def _pairs(self, named: Iterable[_Named], findings: list[Finding]) -> dict[str, Pair]:
        by_key: dict[tuple[str, str | Cell], list[_Named]] = {}
        for one in named:
            if len(one.codes) > 1:
                findings.append(
                    self._finding(
                        one.heading,
                        f"the heading names more than one indicator: {', '.join(sorted(one.codes))}.",
                        "Correct the heading, or the scheme's names and aliases.",
                    )
                )
            elif one.codes:
                by_key.setdefault(("known", next(iter(one.codes))), []).append(one)
            else:
                key: str | Cell = one.other if one.heading[0] == self.row else one.heading
                by_key.setdefault(("other", key), []).append(one)
        pairs = {}
        for (kind, name), columns in by_key.items():
            targets = [one for one in columns if one.role == "target"]
            dones = [one for one in columns if one.role == "done"]
            if kind == "other":
                if targets and dones:
                    findings.append(self._unknown(targets[0], dones[0]))
            elif len(targets) == 1 and len(dones) == 1:
                pairs[str(name)] = self._pair(targets[0], dones[0])
            else:
                findings.append(self._unpaired(str(name), targets, dones))
        return _grouped(pairs, self.row, self.width)

    def _pair(self, target: _Named, done: _Named) -> Pair:
        columns = (*target.group, *done.group)
        return Pair(target.column, done.column, target.heading, (min(columns), max(columns)))

    def _unknown(self, target: _Named, done: _Named) -> Finding:
        columns = f"columns {column_letter(target.column)} and {column_letter(done.column)}"
        if not target.other:
            what = f"{columns} are headed as target and done, but no indicator is named above them."
        else:
            what = f"'{target.other}' ({columns}) is not an indicator of the scheme; it is left out."
        remedy = "If it is to count, add it to the scheme, or its name to an indicator's aliases."
        return replace(self._finding(target.heading, what, remedy), severity="warning")

    def _unpaired(self, code: str, targets: Sequence[_Named], dones: Sequence[_Named]) -> Finding:
        told = []
        for role, found in (("target", targets), ("done", dones)):
            cells = " and ".join(cell_name(self.row, one.column) for one in found)
            told.append(f"{len(found)} columns for {role} ({cells})" if found else f"no column for {role}")
        return self._finding(
            (targets or dones)[0].heading,
            f"{code} has {' and '.join(told)}; it must have one of each.",
            "Correct the headings, or say which columns count in a mapping file (--mapping).",
        )

    def _finding(self, cell: Cell, what: str, remedy: str) -> Finding:
        return Finding(what, remedy, sheet=self.grid.sheet, cell=cell_name(*cell))

    def _built(self, kind: Kind, provider: int, pairs: Mapping[str, Pair], findings: list[Finding]) -> Layout:
        for role in ("coefficient", "period"):
            columns = self._side_columns(role)
            given = self.mapping is not None and getattr(self.mapping, role) is not None
            if len(columns) > 1 and not given:
                cells = " and ".join(cell_name(self.row, column) for column in columns)
                what = f"{cells} are all headed as {role}; one column is needed."
                findings.append(self._finding((self.row, columns[0]), what, _BY_HAND))
        used = [column for column in range(self.width) if self._value(self.row, column) is not None]
        # Headings may be merged with rows below the row of targets: the data begin under the lowest.
        bottom = max((box[1][0] for box in self.merged if box[0][0] <= self.row <= box[1][0]), default=self.row)
        return Layout(
            kind=kind,
            heading_row=self.row,
            first_row=bottom + 1,
            provider=provider,
            columns=(min(*used, provider), max(*used, provider)),
            pairs=pairs,
            findings=tuple(findings),
            name=self._side_column("name"),
            coefficient=self._side_column("coefficient"),
            period=self._side_column("period"),
        )


def _grouped(pairs: Mapping[str, Pair], row: int, width: int) -> dict[str, Pair]:
    """Give each pair whose indicator is named in the heading row itself the columns up to the next pair."""
    starts = sorted(min(pair.group) for pair in pairs.values())
    grouped = {}
    for code, pair in pairs.items():
        if pair.heading[0] == row:
            first = min(pair.target, pair.done)
            last = min([start - 1 for start in starts if start > max(pair.target, pair.done)], default=width - 1)
            pair = replace(pair, group=(first, last))  # noqa: PLW2901
        grouped[code] = pair
    return grouped


def _provider_only(grid: Grid, reader: HeadingReader) -> NotFound | None:
    for number, row in enumerate(grid.rows[:200]):
        for column, value in enumerate(row):
            heading: Heading = reader.read(value) if isinstance(value, str) and len(value) < 60 else Heading()
            if heading.role == "provider":
                return NotFound(
                    f"a heading for the list was found in {cell_name(number, column)}, but no headings for "
                    "target and done (Sihtrühm and Tehtud, Target and Done) in its row",
                    1,
                )
    return None


def _mapped(grid: Grid, scheme: Scheme, mapping: TableMapping) -> Layout | NotFound:
    """Return the layout that a mapping file describes."""
    problems = [
        f"the scheme has no indicator {code!r} (it has {', '.join(scheme.codes)})"
        for code in mapping.indicators
        if code not in scheme.codes
    ]
    heading = -1 if mapping.heading_row is None else mapping.heading_row - 1
    first = heading + 1 if mapping.first_row is None else mapping.first_row - 1
    if first >= len(grid.rows):
        problems.append(f"the data begin in row {first + 1}, but the sheet ends in row {len(grid.rows)}")
    if problems:
        raise ArgumentError(f"The mapping {mapping.source} cannot be used: " + "; ".join(problems) + ".")
    assert mapping.provider is not None  # noqa: S101 - a complete mapping has one, as read_mapping checks
    width = max((len(row) for row in grid.rows[max(heading, 0) : first + 1]), default=0)
    pairs = {
        code: Pair(target, done, (max(heading, 0), target), (min(target, done), max(target, done)))
        for code, (target, done) in mapping.indicators.items()
    }
    used = [mapping.provider, *(column for pair in pairs.values() for column in (pair.target, pair.done))]
    used += [column for column in (mapping.indicator, mapping.target, mapping.done) if column is not None]
    return Layout(
        kind="mapping" if mapping.indicators else "long",
        heading_row=heading,
        first_row=first,
        last_row=None if mapping.last_row is None else mapping.last_row - 1,
        provider=mapping.provider,
        columns=(min(used), max(used)),
        pairs=_grouped(pairs, max(heading, 0), width),
        indicator=mapping.indicator,
        target=mapping.target,
        done=mapping.done,
        name=mapping.name,
        coefficient=mapping.coefficient,
        period=mapping.period,
    )
