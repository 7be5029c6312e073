"""The yellow cells of a template of equity as a plan: names, options, and the rows of both periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xl_qbs.audit.opened import ErrorText, Value
from xl_qbs.audit.template_inputs import UnreadableError, Yellow
from xl_qbs.audit.template_parts import number_of, text_of
from xl_qbs.equity.analysis import BENCHMARK, EquityOptions
from xl_qbs.equity.gates import GateRules
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.sheets.equity.plan import DataRows, OpenRoom, Plan
from xl_qbs.workbook.equity_template import open_analysis

_COLUMNS = ("provider", "indicator", "group", "n", "x")
# Signs with which a spreadsheet looks for more than one text.
_WILD = frozenset("*?~")


class Names(NamedTuple):
    """What the sheet of parameters names.

    Attributes:
        codes: the indicators'.
        groups: the groups'.
        all: what rows of all patients are called; empty for none.
        unknown: what rows of patients of unknown group are called; empty for none.
    """

    codes: tuple[str, ...]
    groups: tuple[str, ...]
    all: str
    unknown: str


def typed_rows(yellow: Yellow, end: str = "") -> list[tuple[Value, ...]]:
    """Return the yellow rows of the period, or with ``0`` of the baseline, up to the last that is filled."""
    rows = list(zip(*(yellow.column(f"d_{name}{end}") for name in _COLUMNS), strict=True))
    while rows and all(one in (None, "") for one in rows[-1]):
        rows.pop()
    return rows


def plan_now(yellow: Yellow, places: tuple[int, int, int]) -> Plan:
    """Return the plan of the template that the yellow cells make.

    Args:
        yellow: the yellow cells.
        places: room for providers, indicators and groups.

    Raises:
        UnreadableError: they hold what Python does not follow; the formulas may still tell of it.
        QbsError: they cannot be analysed.
    """
    names = _names(yellow)
    now, before = (_data(yellow, names, end) for end in ("", "0"))
    providers = tuple(dict.fromkeys(now.providers))
    if len(providers) > places[0]:
        raise UnreadableError("there are more providers than rows for them")
    if any(_WILD & set(one) for one in providers):
        raise UnreadableError("a provider's id holds one of the signs * ? ~")
    _check_alike((*providers, *before.providers))
    _check_baseline(before, providers, names)
    baseline = _table(before, providers, names) if before.providers else None
    analysis = open_analysis(_table(now, providers, names), baseline, _options(yellow, names))
    room = OpenRoom(
        providers=places[0],
        indicators=places[1],
        groups=places[2],
        codes=names.codes,
        names=names.groups,
        now=now,
        before=before,
        all_label=names.all,
        unknown_label=names.unknown,
        accepted=_whole(number_of(yellow, "accepted"), "the number of accepted rows"),
    )
    return Plan(analysis=analysis, now=None, before=None, room=room)


def _names(yellow: Yellow) -> Names:
    codes = _leading(yellow.column("code"), "indicators")
    groups = _leading(yellow.grid("group_name")[0], "groups")
    labels = [_text(yellow.one(key)) for key in ("all_label", "unknown_label")]
    if all(labels):
        raise UnreadableError("rows of all patients and of unknown group are both named")
    if not codes or len(groups) < 2:
        raise UnreadableError("there is no indicator, or there are not two groups")
    for several in (codes, [*groups, *(one for one in labels if one)]):
        if len(set(several)) < len(several):
            raise UnreadableError("an indicator or a group is named twice")
        _check_alike(several)
    return Names(tuple(codes), tuple(groups), *labels)


def _leading(values: Sequence[Value], what: str) -> list[str]:
    """Return the texts at the beginning of places, behind which all others must be free."""
    texts = [_text(one) for one in values]
    count = sum(1 for one in texts if one)
    if not all(texts[:count]):
        raise UnreadableError(f"there are free places between the {what}")
    return texts[:count]


def _data(yellow: Yellow, names: Names, end: str) -> DataRows:
    """Return the rows of a period, each of which can be used."""
    if all(one != number for number, one in enumerate(yellow.column(f"d_row{end}")[:3], start=1)):
        # Read as they stand, the rows would be taken for others that somebody typed.
        raise UnreadableError("the rows of the data no longer stand where they should")
    rows = typed_rows(yellow, end)
    if not rows:
        return DataRows()
    providers, codes, groups = ([_text(row[column]) for row in rows] for column in range(3))
    if not all(map(any, zip(providers, codes, groups, strict=True))):
        raise UnreadableError("there are blank rows between those of the data")
    named = {*names.groups, names.all, names.unknown} - {""}
    if not all(providers) or not set(codes) <= set(names.codes) or not set(groups) <= named:
        raise UnreadableError("a row of the data has no provider, or an indicator or group that is not on Parameters")
    if len(set(zip(providers, codes, groups, strict=True))) < len(rows):
        raise UnreadableError("the same provider, indicator and group stand twice")
    counts = [[_count(one) for one in row[3:]] for row in rows]
    n, x = np.array(counts, dtype=float).T
    if np.isnan(n).any() or np.isnan(x[np.isin(groups, names.groups)]).any():
        raise UnreadableError("a row of the data has no patients or no work done")
    return DataRows(tuple(providers), tuple(codes), tuple(groups), n, x)


def _check_baseline(before: DataRows, providers: Sequence[str], names: Names) -> None:
    """Refuse what is counted as work above the patients, though its row is left out."""
    known = set(providers)
    left_out = np.array([one not in known for one in before.providers], dtype=bool)
    of_group = np.isin(before.groups, names.groups)
    if (left_out & of_group & (before.x > before.n)).any():
        raise UnreadableError("a row that is left out of the baseline has more work done than patients")


def _table(rows: DataRows, providers: tuple[str, ...], names: Names) -> GroupTable:
    """Return the counts of a period by provider, indicator and group; rows of other providers are left out."""
    shape = (len(providers), len(names.codes), len(names.groups))
    slots = {one: g for g, one in enumerate((*names.groups, names.all or names.unknown))}
    at = {one: p for p, one in enumerate(providers)}, {one: i for i, one in enumerate(names.codes)}
    n, x = (np.full((*shape[:2], shape[2] + 1), np.nan) for _ in range(2))
    for provider, code, group, patients, done in zip(
        rows.providers, rows.indicators, rows.groups, rows.n, rows.x, strict=True
    ):
        if provider in at[0]:
            place = at[0][provider], at[1][code], slots[group]
            n[place], x[place] = patients, done
    total = None
    if names.all:
        total = n[:, :, -1]
    elif names.unknown:
        total = np.where(np.isnan(n).all(axis=2), np.nan, np.nansum(n, axis=2))
    return GroupTable(
        providers=providers,
        indicators=names.codes,
        groups=names.groups,
        n=n[:, :, :-1],
        x=x[:, :, :-1],
        total=total,
    )


def _options(yellow: Yellow, names: Names) -> EquityOptions:
    words: dict[str, Any] = {
        "reference": _text(yellow.one("reference")),
        "prior": _text(yellow.one("prior_rule")),
        "points_on": _text(yellow.one("points_on")),
    }
    required = number_of(yellow, "total_required")
    if required not in (0.0, 1.0):
        raise UnreadableError("whether all patients must be stated is neither 0 nor 1")
    benchmarks = _benchmarks(yellow, names.codes)
    return EquityOptions(
        **words,
        rules=GateRules(
            share_known=number_of(yellow, "share_known"),
            smallest_group=_whole(number_of(yellow, "smallest_group"), "the smallest group"),
            fewest_groups=_whole(number_of(yellow, "fewest_groups"), "the fewest groups"),
            total_required=required == 1,
        ),
        benchmarks=benchmarks if words["reference"] == BENCHMARK else {},
        level=number_of(yellow, "level"),
        fraction=number_of(yellow, "fraction"),
        incentive=_incentive(yellow, names.groups),
        weights=_weights(yellow, names.codes),
        targets=_targets(yellow, names.codes),
    )


def _incentive(yellow: Yellow, groups: Sequence[str]) -> IncentiveRules | None:
    flags = [0.0 if one in (None, "") else one for one in yellow.grid("disadvantaged")[0]]
    if not set(flags) <= {0.0, 1.0} or any(flags[len(groups) :]):
        raise UnreadableError("what marks a disadvantaged group is neither 0 nor 1, or stands beside no group")
    named = tuple(group for group, flag in zip(groups, flags, strict=False) if flag)
    words: dict[str, Any] = {key: _text(yellow.one(key)) for key in ("steps", "forfeit")}
    # Made in any case, so that words that mean nothing are refused.
    rules = IncentiveRules(disadvantaged=named or tuple(groups), **words)
    return rules if named else None


def _weights(yellow: Yellow, codes: Sequence[str]) -> dict[str, float]:
    found = {}
    for code, value in zip(codes, yellow.column("weight"), strict=False):
        if not isinstance(value, float):
            raise UnreadableError(f"the weight of {code} is no number")
        found[code] = value
    return found


def _benchmarks(yellow: Yellow, codes: Sequence[str]) -> dict[str, float]:
    found = {}
    for code, value in zip(codes, yellow.column("gap_benchmark"), strict=False):
        if value in (None, ""):
            continue
        if not isinstance(value, float) or not 0 <= value <= 1:
            raise UnreadableError(f"the benchmark of gaps of {code} is no number from 0 to 1")
        found[code] = value
    return found


def _targets(yellow: Yellow, codes: Sequence[str]) -> dict[str, tuple[float, float]]:
    found = {}
    pairs = list(zip(yellow.column("own_threshold"), yellow.column("own_goal"), strict=True))
    for code, (low, high) in zip(codes, pairs, strict=False):
        if low in (None, "") and high in (None, ""):
            continue
        if not isinstance(low, float) or not isinstance(high, float) or high <= low:
            raise UnreadableError(f"the own targets of {code} are not a threshold and a benchmark above it")
        found[code] = (low, high)
    if any(one not in (None, "") for pair in pairs[len(codes) :] for one in pair):
        raise UnreadableError("own targets stand beside no indicator")
    return found


def _text(value: Value) -> str:
    """Return a name as formulas look it up: these do without spaces around, which Python does not follow."""
    if isinstance(value, ErrorText):
        raise UnreadableError(f"the error {value} stands in a yellow cell")
    text = text_of(value)
    if text != " ".join(one for one in text.split(" ") if one):
        raise UnreadableError(f"there are spaces around the name {text.strip()!r}, or several within it")
    return text


def _check_alike(texts: Sequence[str]) -> None:
    """Refuse texts that a spreadsheet takes for the same and Python does not."""
    several = set(texts)
    if len({one.casefold() for one in several}) < len(several):
        raise UnreadableError("a name is written in capital and in small letters")


def _count(value: Value) -> float:
    """Return a whole number from 0; NaN for nothing."""
    if value in (None, ""):
        return np.nan
    if not isinstance(value, float) or value < 0 or not value.is_integer():
        raise UnreadableError(f"the data hold {value!r} where a whole number should stand")
    return value


def _whole(value: float, what: str) -> int:
    if not value.is_integer():
        raise UnreadableError(f"{what} is no whole number")
    return int(value)
