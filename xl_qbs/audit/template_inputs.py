"""The yellow cells of a template as scheme, method and counts: what its formulas start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xl_qbs.audit.expected import Expected
from xl_qbs.audit.opened import Opened, Value
from xl_qbs.scheme import Band, Clause, Condition, Indicator, Scheme
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.table import Table
from xl_qbs.sheets.frame import INFINITE
from xl_qbs.sheets.model import Block
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.template.plan import BEFORE, Counts, Plan
from xl_qbs.workbook.template import year_of


class UnreadableError(ValueError):
    """Yellow cells hold something from which Python cannot tell what the formulas come to; says what."""


@dataclass(frozen=True)
class Yellow:
    """The yellow cells of a template.

    Attributes:
        opened: the workbook.
        expected: a template of the same room.
        sheets: the name in the workbook of each sheet of the book.
    """

    opened: Opened
    expected: Expected
    sheets: Mapping[str, str]

    def grid(self, key: str) -> list[list[Value]]:
        """Return the values of a block."""
        block = self.expected.book.named.get(key)
        if not isinstance(block, Block):
            return []
        sheet = self.opened.sheet(self.sheets.get(block.sheet, block.sheet))
        if sheet is None:
            return []
        return [
            [sheet.at(block.row + i, block.column + j).value for j in range(block.columns)] for i in range(block.rows)
        ]

    def reading(self) -> tuple[object, ...]:
        """Return all that stands in the yellow cells, to know the same ones again."""
        keys = [key for key, one in self.expected.book.named.items() if isinstance(one, Block) and one.kind == "input"]
        return tuple((key, tuple(map(tuple, self.grid(key)))) for key in keys)

    def column(self, key: str) -> list[Value]:
        """Return the values of a block's first column."""
        return [row[0] for row in self.grid(key)]

    def one(self, key: str) -> Value:
        """Return the value of a block of one cell."""
        return self.column(key)[0]


def plan_now(
    yellow: Yellow,
    room: Room,
    name: str,
    source: str,
    *,
    provider: str = "",
    note: Any = None,
    last_conditions: bool = False,
) -> Plan:
    """Return the plan of the template that the yellow cells make.

    Args:
        yellow: the yellow cells.
        room: how many lists and indicators there is room for.
        name: the scheme's name, as the sheet About has it.
        source: where the scheme is written down, from there too.
        provider: the list that the sheets about one list show.
        note: what the assumptions log says of a prior that was estimated.
        last_conditions: whether last year's sheets have columns for conditions.

    Raises:
        UnreadableError: they hold what Python cannot follow; the formulas may still tell of it.
        QbsError: they cannot be scored.
    """
    listed = _listed(yellow)
    used = [place for place, (one, here) in enumerate(listed) if one is not None and here]
    idle = {place: one for place, (one, here) in enumerate(listed) if one is not None and not here}
    indicators = tuple(one for one, here in listed if one is not None and here)
    if not indicators:
        raise UnreadableError("no indicator is in use")
    scheme = Scheme(
        name=name,
        name_et=name,
        indicators=indicators,
        bands=_bands(yellow),
        conditions=_conditions(yellow),
        source=source,
    )
    method = _method(yellow, scheme)
    taken = np.array(used, dtype=np.intp)
    space = Room(room.lists, room.indicators, taken, open=True)
    run, counts = _year(yellow, scheme, method, space, "")
    before = counts_before = None
    if BEFORE + "data" in yellow.expected.book.named:
        if last_conditions and not scheme.conditions:
            raise UnreadableError("last year's scores have columns for conditions, and there is none")
        last = scheme if last_conditions else replace(scheme, conditions=())
        before, counts_before = _year(yellow, last, method, space, BEFORE)
    planned = {
        code: value
        for code, value in zip(scheme.codes, [yellow.column("next_plan_done")[place] for place in used], strict=True)
        if isinstance(value, float)
    }
    return Plan(run, counts, before, counts_before, idle=idle, provider=provider, planned=planned, note=note)


def _listed(yellow: Yellow) -> list[tuple[Indicator | None, bool]]:
    keys = (
        "code_input", "name_input", "in_use", "domain_input", "points_input", "required_input", "own_weight_input",
        "name_et_input", "unit",
    )  # fmt: skip
    listed: list[tuple[Indicator | None, bool]] = []
    for code, name, in_use, domain, points, required, weight, name_et, unit in zip(
        *(yellow.column(key) for key in keys), strict=True
    ):
        if not _text(code).strip():
            if in_use == 1 or _text(name) or points is not None:
                raise UnreadableError("a row of the scheme is half filled in")
            listed.append((None, False))
            continue
        here = in_use == 1
        if here and not (isinstance(points, float) and isinstance(required, float)):
            raise UnreadableError(f"{_text(code)} has no points or no required coverage")
        one = Indicator(
            code=_text(code).strip(),
            domain=_text(domain),
            name=_text(name),
            points=points if isinstance(points, float) else 0.0,
            required_coverage=required if isinstance(required, float) else 0.0,
            name_et=_text(name_et),
            weight=weight if isinstance(weight, float) else None,
            unit=_text(unit),
        )
        listed.append((one, here))
    return listed


def _bands(yellow: Yellow) -> tuple[Band, ...]:
    found = []
    for name, lower in zip(yellow.column("band_name"), yellow.column("band_lower"), strict=True):
        if _text(name):
            found.append(Band(_number(lower, "a band's lower limit"), _text(name), _text(name)))
    return tuple(found)


def _conditions(yellow: Yellow) -> tuple[Condition, ...]:
    clauses: dict[str, list[Clause]] = {}
    for name, scope, share, of in zip(
        yellow.column("clause_condition"),
        yellow.column("clause_scope"),
        yellow.column("clause_share"),
        yellow.grid("clause_of"),
        strict=True,
    ):
        if _text(name):
            kind: Any = _text(scope)
            codes = tuple(_text(one) for one in of if _text(one))
            clauses.setdefault(_text(name), []).append(Clause(kind, codes, _number(share, "a condition's share")))
    names = [_text(one) for one in yellow.column("condition_name") if _text(one)]
    return tuple(Condition(name, tuple(clauses.get(name, ())), name) for name in names)


def _method(yellow: Yellow, scheme: Scheme) -> Method:
    codes = [_text(one).strip() for one in yellow.column("code_input")]
    given: dict[str, tuple[float, float]] = {}
    infinite = yellow.expected.book.say(INFINITE)
    for code, mean, strength in zip(codes, yellow.column("given_mean"), yellow.column("given_strength"), strict=True):
        if code and isinstance(mean, float) and (isinstance(strength, float) or strength == infinite):
            given[code] = (mean, strength if isinstance(strength, float) else float("inf"))
    own = {
        code: weight
        for code, weight in zip(codes, yellow.column("own_weight_input"), strict=True)
        if code and isinstance(weight, float)
    }
    rules: dict[str, Any] = {
        "prior": _text(yellow.one("prior_rule")),
        "weights": _text(yellow.one("weight_rule")),
        "rounding": _text(yellow.one("rounding")),
    }
    decimals = yellow.one("coverage_decimals")
    missing = [code for code in scheme.codes if code not in own]
    return Method(
        **rules,
        fraction=_number(yellow.one("fraction"), "the fraction"),
        prior_values=given or None,
        own_weights=None if missing else own,
        coverage_decimals=int(decimals) if isinstance(decimals, float) else None,
        level=_number(yellow.one("level"), "the level"),
        lower_limit=_number(yellow.one("lower_limit"), "the lower limit"),
        upper_limit=_number(yellow.one("upper_limit"), "the upper limit"),
    )


def _year(yellow: Yellow, scheme: Scheme, method: Method, room: Room, scope: str) -> Any:
    table = table_now(yellow, scope)
    run, _ = year_of(table, scheme, method, room)
    accepted = yellow.one(scope + "accepted_above")
    return run, Counts(table, int(accepted) if isinstance(accepted, float) else 0)


def is_empty(yellow: Yellow, scope: str = "") -> bool:
    """Return whether no list stands on a sheet of data."""
    return not any(_text(one).strip() for one in yellow.column(scope + "source_provider"))


def table_now(yellow: Yellow, scope: str = "") -> Table:
    """Return the counts on a sheet of data.

    Raises:
        UnreadableError: they are not what a table can be: gaps, no whole numbers.
        ArgumentError: a list or a code stands twice.
    """
    providers = [" ".join(_text(one).split(" ")).strip() for one in yellow.column(scope + "source_provider")]
    count = len([one for one in providers if one])
    if any(not one for one in providers[:count]):
        raise UnreadableError("there are blank rows between the lists")
    codes = [_text(one) for one in yellow.grid(scope + "data_code")[0][::2]]
    held = len([one for one in codes if one])
    if any(not one for one in codes[:held]):
        raise UnreadableError("there are free columns between the indicators")
    cells = yellow.grid(scope + "data")
    numbers = np.full((count, 2 * held), np.nan)
    for i in range(count):
        for j in range(2 * held):
            value = cells[i][j]
            if not isinstance(value, float) or value < 0 or value != int(value):
                raise UnreadableError(f"the sheet of data holds {value!r} where a whole number should stand")
            numbers[i, j] = value
    if any(one not in (None, "") for row in cells[count:] for one in row) or any(
        one not in (None, "") for row in cells for one in row[2 * held :]
    ):
        raise UnreadableError("counts stand beside or below the table")
    factors = yellow.column(scope + "source_coefficient")[:count]
    coefficient = None
    if any(isinstance(one, float) for one in factors):
        coefficient = np.array([one if isinstance(one, float) else 1.0 for one in factors])
    return Table(
        providers=tuple(providers[:count]),
        indicators=tuple(codes[:held]),
        target=numbers[:, 0::2],
        done=numbers[:, 1::2],
        coefficient=coefficient,
    )


def without_data(plan: Plan) -> Plan:
    """Return a plan whose yellow cells are empty."""
    return replace(plan, empty=True, empty_before=plan.before is not None)


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _number(value: Value, what: str) -> float:
    if isinstance(value, float):
        return value
    raise UnreadableError(f"{what} is no number")
