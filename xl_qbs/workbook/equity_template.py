"""The formula template of equity: the same sheets as an analysis, with room for data still to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xl_qbs.equity.adjusted import group_prior
from xl_qbs.equity.analysis import BENCHMARK, BEST, REFERENCES, EquityAnalysis, EquityOptions, analyse_equity
from xl_qbs.equity.gates import GateRules
from xl_qbs.equity.group_table import Groups, GroupTable
from xl_qbs.equity.incentive import EquityPoints, Targets, frozen_prior
from xl_qbs.errors import ArgumentError
from xl_qbs.sheets.equity.book import equity_book
from xl_qbs.sheets.equity.plan import DataRows, OpenRoom, Plan
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.workbook.group_table import GroupFile, PeriodRows
from xl_qbs.workbook.template_file import write_template

PROVIDERS, INDICATORS, GROUPS = 100, 5, 4
MOST_PROVIDERS, MOST_INDICATORS, MOST_GROUPS = 5_000, 30, 12
_ALL = Label("all patients", "kõik patsiendid")
_TITLE = Label("Equity by group of patients", "Võrdsus patsientide rühmade kaupa")
_DESCRIPTION = Label(
    "Formula template of equity by group, built by xl_qbs. No macros, no links.",
    "Rühmadevahelise võrdsuse valemimall, loodud xl_qbs-iga. Makrode ja viideteta.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class EquityRequest:
    """What a template of equity is to hold.

    Attributes:
        options: what its yellow cells begin with.
        providers: rows for providers; 100, or as many as there are and a tenth more, if None.
        indicators: places for indicators; 5, or as many as there are, if None.
        groups: places for groups; 4, or as many as there are, if None.
        codes: the indicators' codes, where there is no table.
        names: the groups' names, where there is no table.
        table: the counts that fill it; None for an empty template.
        accepted: so many rows with more work done than patients were looked at and are accepted.
    """

    options: EquityOptions = field(default_factory=EquityOptions)
    providers: int | None = None
    indicators: int | None = None
    groups: int | None = None
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    table: GroupFile | None = None
    accepted: int = 0


def make_equity_template(
    request: EquityRequest,
    output: Path,
    *,
    language: Language = "en",
    password: str = "",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write a formula template of equity by group, empty or filled with a table's counts.

    Args:
        request: what it is to hold.
        output: where to write, an ``.xlsx`` file; replaced only when everything is written.
        language: language of all texts.
        password: needed to take the protection of the sheets off; none if empty.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: numbers or options that no template can have, or a table that it has no room for.
        OutputError: the file cannot be written.
    """
    if output.suffix.lower() != ".xlsx":
        raise ArgumentError(f"output == {output.name!r}, must end in .xlsx")
    write_template(
        equity_template_of(request, language),
        output,
        title=_TITLE.say(language),
        description=_DESCRIPTION.say(language),
        password=password,
        # Without data there is nothing to store; a spreadsheet calculates when it opens the file.
        values=request.table is not None,
        progress=progress,
    )
    return output


def equity_template_of(request: EquityRequest, language: Language = "en") -> Book:
    """Return the sheets of a template; arguments and errors as `make_equity_template`."""
    return equity_book(template_plan(request, language), language)


def template_plan(request: EquityRequest, language: Language = "en") -> Plan:
    """Return the plan of a template: every number that its sheets show, in the room that they have."""
    if request.table is None:
        _check_names(request)
        return _empty_plan(request)
    table = request.table
    if not isinstance(table.now.table, GroupTable):
        raise ArgumentError("mean: a template has counts only; xl-qbs equity takes means of continuous values")
    if request.codes or request.names:
        raise ArgumentError("indicators and groups: the table has its own; give the number of places instead")
    before = None if table.before is None else table.before.table
    analysis = open_analysis(table.now.table, before, request.options)
    label, unknown = _labels(table, language)
    room = replace(
        _room(request, *analysis.now.shape),
        codes=analysis.now.indicators,
        names=analysis.now.groups,
        now=data_rows(table.now, label, unknown),
        before=DataRows() if table.before is None else data_rows(table.before, label, unknown),
        all_label=label,
        unknown_label=unknown,
        accepted=request.accepted,
        empty=False,
    )
    return Plan(analysis=analysis, now=None, before=None, room=room)


def open_analysis(now: Groups, before: Groups | None, options: EquityOptions) -> EquityAnalysis:
    """Return an analysis with all the parts that a template has cells for, of which some may be nothing but NaN."""
    assert isinstance(now, GroupTable)  # noqa: S101  (a template has no means)
    nothing = np.full(now.shape, np.nan)
    baseline = before if before is not None else replace(now, n=nothing, x=nothing, total=None, period="")
    assert isinstance(baseline, GroupTable)  # noqa: S101
    found = analyse_equity(now, baseline, options)
    if found.points is not None:
        return found
    never = np.zeros(now.shape, dtype=bool)
    by_pair = nothing[:, :, 0]
    return replace(
        found,
        frozen=frozen_prior(baseline),
        prior_before=group_prior(baseline),
        targets=Targets(*np.full((2, now.shape[1]), np.nan)),
        points=EquityPoints(nothing, nothing, nothing, nothing, never, never, by_pair, by_pair[:, 0]),
    )


def data_rows(period: PeriodRows, all_label: str, unknown_label: str) -> DataRows:
    """Return a period as rows: provider by provider, indicator by indicator, groups first and then what is apart."""
    table = period.table
    assert isinstance(table, GroupTable)  # noqa: S101  (a template has no means)
    total = table.total if all_label and table.total is not None else None
    rows: list[tuple[str, str, str, float, float]] = []
    for p, provider in enumerate(table.providers):
        for i, code in enumerate(table.indicators):
            for g, group in enumerate(table.groups):
                if not np.isnan(table.n[p, i, g]):
                    rows.append((provider, code, group, float(table.n[p, i, g]), float(table.x[p, i, g])))
            if total is not None and not np.isnan(total[p, i]):
                rows.append((provider, code, all_label, float(total[p, i]), np.nan))
            apart = period.unknown[p, i]
            if unknown_label and (~np.isnan(apart)).any():
                rows.append((provider, code, unknown_label, float(np.nansum(apart)), np.nan))
    providers, codes, groups, n, x = zip(*rows, strict=True)
    return DataRows(providers, codes, groups, np.array(n), np.array(x))


def _labels(table: GroupFile, language: Language) -> tuple[str, str]:
    """Return what rows of all patients and of unknown groups are called; empty for none."""
    columns = table.columns
    if columns.unknown:
        return "", columns.unknown[0]
    if columns.total_group is not None:
        return columns.total_group, ""
    return (_ALL.say(language) if columns.total is not None else ""), ""


def _room(request: EquityRequest, providers: int, indicators: int, groups: int) -> OpenRoom:
    """Return the room for at least so many, or as many as was asked for."""
    spare = max(PROVIDERS, providers + -(-providers // 10)) if request.table is not None else PROVIDERS
    asked = (
        ("providers", request.providers, spare, max(providers, 2), MOST_PROVIDERS),
        ("indicators", request.indicators, max(INDICATORS, indicators), max(indicators, 1), MOST_INDICATORS),
        ("groups", request.groups, max(GROUPS, groups), max(groups, 2), MOST_GROUPS),
    )
    sizes, problems = [], []
    for name, given, usual, least, most in asked:
        sizes.append(usual if given is None else given)
        if not least <= sizes[-1] <= most:
            problems.append(f"{name} == {sizes[-1]}, must be from {least} to {most:,}")
    if problems:
        raise ArgumentError("; ".join(problems))
    return OpenRoom(providers=sizes[0], indicators=sizes[1], groups=sizes[2])


def _check_names(request: EquityRequest) -> None:
    """Refuse names twice, and options about indicators and groups that are not named."""
    options, problems = request.options, []
    for what, names in (("indicators", request.codes), ("groups", request.names)):
        twice = sorted({one for one in names if names.count(one) > 1})
        if twice:
            problems.append(f"{what}: {', '.join(twice)} more than once")
    clash = [one for one in request.names if one in REFERENCES]
    if clash:
        problems.append(f"groups: {', '.join(clash)} means something else here; rename the group")
    named = () if options.incentive is None else options.incentive.disadvantaged
    wanted = [one for one in (*named, options.reference) if one not in (*REFERENCES, *request.names)]
    if wanted:
        problems.append(f"groups {', '.join(dict.fromkeys(wanted))}: name them with --groups")
    codes = [one for one in (*options.benchmarks, *options.targets, *options.weights) if one not in request.codes]
    if codes:
        problems.append(f"indicators {', '.join(dict.fromkeys(codes))}: name them with --indicators")
    if problems:
        raise ArgumentError("; ".join(problems))


# So many providers give an empty template its form: the tenth of them is one.
_STAND_IN = 10


def _empty_plan(request: EquityRequest) -> Plan:
    """Return the plan of an empty template: numbers give its sheets their form, and none of them is written."""
    room = _room(request, 0, len(request.codes), len(request.names))
    codes = request.codes or ("i",)
    names = request.names if len(request.names) > 1 else (*request.names, *("g1", "g2")[len(request.names) :])
    shape = (min(room.providers, _STAND_IN), len(codes), len(names))
    patients = np.full(shape, 100.0)
    # The same for all groups, so that whatever is asked of any of them has an answer.
    done = np.broadcast_to(np.linspace(20, 80, shape[0]).round()[:, None, None], shape)
    form = GroupTable(
        providers=tuple(f"P{p}" for p in range(1, shape[0] + 1)), indicators=codes, groups=names, n=patients, x=done
    )
    # Gates that nobody could pass, or benchmarks that are still missing, are for the data to come.
    options = replace(request.options, benchmarks={}, rules=GateRules())
    if options.reference == BENCHMARK:
        options = replace(options, reference=BEST)
    analysis = open_analysis(form, form, options)
    given = replace(room, codes=request.codes, names=request.names, accepted=request.accepted, empty=True)
    return Plan(analysis=analysis, now=None, before=None, room=given, shown_options=request.options)
