"""One list's scores from the two raw numbers to the rank, each step with its cell and its arithmetic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from xl_qbs.audit.compare_cells import CALCULATED, alike, shown
from xl_qbs.audit.expected import Expected, plain
from xl_qbs.audit.inputs import data_sheet
from xl_qbs.audit.opened import Opened, Value
from xl_qbs.audit.scored import rebuild
from xl_qbs.audit.template import is_template, rebuild_template
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.address import cell_name, quoted
from xl_qbs.sheets.model import Block


class Step(NamedTuple):
    """One number on the way.

    Attributes:
        label: what it is.
        cell: where it stands.
        arithmetic: how it comes about, with the numbers that go in; empty for what is read or decided.
        value: Python's value.
        stored: what the workbook holds.
    """

    label: str
    cell: str
    arithmetic: str
    value: Value
    stored: Value

    @property
    def agrees(self) -> bool:
        """Whether the workbook holds Python's value."""
        return alike(self.value, self.stored, CALCULATED)


class Part(NamedTuple):
    """The steps on one indicator, or on the scores."""

    title: str
    steps: list[Step]


@dataclass(frozen=True, eq=False)
class _View:
    """A workbook as a trace looks at it."""

    opened: Opened
    expected: Expected
    sheets: Mapping[str, str]
    result: Result
    places: list[int]
    raw: Mapping[str, Mapping[tuple[int, int], str]]

    def step(self, label: str, key: str, i: int, j: int, arithmetic: str = "") -> Step:
        block = self.expected.block(key)
        if block is None:
            raise ArgumentError(f"the workbook has no {key}")
        row = block.row + (i if block.rows > 1 else 0)
        column = block.column + (j if block.columns > 1 else 0)
        value = block.values[i if block.rows > 1 else 0, j if block.columns > 1 else 0]
        name = self.sheets.get(block.sheet, block.sheet)
        sheet = self.opened.sheet(name)
        stored = None if sheet is None else sheet.at(row, column).value
        return Step(label, f"{quoted(name)}!{cell_name(row, column)}", arithmetic, plain(value), stored)


def trace(opened: Opened, provider: str, indicator: str = "") -> list[Part]:
    """Return the steps from a list's counts to its scores and ranks.

    Args:
        opened: a scored workbook or a filled template.
        provider: the list's id.
        indicator: code of the one indicator to show; all of them if empty.

    Raises:
        ArgumentError: there is no such list or indicator.
        NotScoredError: the workbook is neither, or holds no counts.
    """
    view = _view(opened)
    table, codes = view.result.table, view.result.scheme.codes
    if provider not in table.providers:
        near = [one for one in table.providers if provider.casefold() in one.casefold()][:5]
        hint = f"; there are {', '.join(near)}" if near else f"; the first is {table.providers[0]}"
        raise ArgumentError(f"--provider {provider}: there is no such list{hint}")
    if indicator and indicator not in codes:
        raise ArgumentError(f"--indicator {indicator}: must be one of {', '.join(codes)}")
    row = table.providers.index(provider)
    wanted = [indicator] if indicator else list(codes)
    parts = [_indicator(view, row, codes.index(code)) for code in wanted]
    return [*parts, _scores(view, row)]


def _view(opened: Opened) -> _View:
    if not opened.results and is_template(opened):
        template = rebuild_template(opened)
        if template.values is None or template.plan is None:
            raise ArgumentError(f"{opened.path.name}: there is nothing to follow, since {template.why}")
        places = template.plan.run.room.taken.tolist()
        return _View(
            opened, template.values, template.sheets, template.plan.run.result, places, _typed(template.values)
        )
    made = rebuild(opened)
    source = made.log.source
    count = len(made.log.scheme.codes)
    name = quoted(data_sheet(made.log))
    read: dict[str, dict[tuple[int, int], str]] = {"n": {}, "x": {}}
    for kind, columns in (("n", source.target_columns), ("x", source.done_columns)):
        for (i, j), row in np.ndenumerate(source.rows):
            read[kind][i, j] = f"{name}!{cell_name(int(row), int(columns[j]) + 1)}" if row else "no row"
    return _View(opened, made.used, made.sheets, made.result, list(range(count)), read)


def _typed(expected: Expected) -> dict[str, dict[tuple[int, int], str]]:
    """Return where counts stand on the sheet of data of a template, by list and place of the indicator."""
    data, places = expected.block("data"), expected.block("place_row")
    raw: dict[str, dict[tuple[int, int], str]] = {"n": {}, "x": {}}
    if data is None or places is None:
        return raw
    for i in range(data.rows):
        for j, place in enumerate(places.values[0].tolist()):
            at = plain(place)
            for kind, beside in (("n", 0), ("x", 1)):
                if isinstance(at, float):
                    cell = cell_name(data.row + i, data.column + int(at) - 1 + beside)
                    raw[kind][i, j] = f"{quoted(data.sheet)}!{cell}"
    return raw


def _indicator(view: _View, i: int, number: int) -> Part:
    result = view.result
    j = view.places[number]
    n, x = float(result.table.target[i, number]), float(result.table.counted[i, number])
    done = float(result.table.done[i, number])
    m, strength = float(result.prior.mean[number]), float(result.prior.strength[number])
    weight, adjusted = float(result.weights[number]), float(result.adjusted[i, number])
    one = result.scheme.indicators[number]
    needed = one.required_coverage * n
    capped = f"{_n(done)}, counted as the target" if done > n else ""
    covered = f"{_n(x)} / {_n(n)}" if n else "nobody to serve: no coverage"
    if np.isinf(strength):
        mixed = "the prior mean: its strength has no end"
    elif n + strength > 0:
        mixed = f"({_n(x)} + {_n(strength)} * {_n(m)}) / ({_n(n)} + {_n(strength)})"
    else:
        mixed = "the prior mean: nobody to serve"
    reached = "yes" if n > 0 and result.current.points[i, number] > 0 else "no"
    method = result.method
    share = f"({_n(x)} / {_n(n)} - {_n(method.lower_limit)}) / ({_n(method.upper_limit)} - {_n(method.lower_limit)})"
    enough = f"{_n(x)} >= {_n(one.required_coverage)} * {_n(n)} = {_n(needed)}: {reached}"
    steps = [
        view.step("target population n", "target", i, j, f"from {view.raw['n'].get((i, j), '?')}"),
        view.step("work done x", "done", i, j, f"from {view.raw['x'].get((i, j), '?')} {capped}".rstrip()),
        view.step("coverage", "coverage", i, j, covered),
        view.step(f"prior mean m (rule {method.prior})", "prior_mean", j, 0),
        view.step("prior strength M", "prior_strength", j, 0),
        view.step("adjusted coverage", "adjusted", i, j, mixed),
        view.step(f"weight ({method.weights})", "weight", j, 0),
        view.step("need-adjusted points", "need_points", i, j, f"{_n(weight)} * {_n(adjusted)}"),
        view.step("required coverage", "required", j, 0),
        view.step("points in force", "points", j, 0),
        view.step("current points", "current_points", i, j, enough),
        view.step(
            "proportional points",
            "proportional_points",
            i,
            j,
            f"{_n(one.points)} * {share}, from 0 to 1" if n else "nobody to serve: none",
        ),
    ]
    return Part(f"{one.code}: {one.name}", steps)


def _scores(view: _View, i: int) -> Part:
    result = view.result
    table = result.table
    count = len(table.providers)
    steps = []
    for key, label, score in (
        ("current", "current score", result.current),
        ("proportional", "proportional score", result.proportional),
        ("need", "need-adjusted score", result.need_adjusted),
    ):
        terms = " + ".join(_n(float(one)) for one in score.points[i])
        if key == "current" and table.coefficient is not None:
            terms = f"({terms}) * {_n(float(table.coefficient[i]))}"
        higher = int((score.total > score.total[i]).sum())
        rank = float(score.rank[i])
        part = f"({count} - {_n(rank)}) / ({count} - 1)" if count > 1 else "one list only"
        steps += [
            view.step(label, f"{key}_score", i, 0, terms),
            view.step("  rank", f"{key}_rank", i, 0, f"{higher} of {count} lists score higher: {higher} + 1"),
            view.step("  relative rank", f"{key}_relative", i, 0, part),
        ]
        block = view.expected.block(f"{key}_band")
        if isinstance(block, Block):
            most = result.weights.sum() if key == "need" else result.scheme.total
            share = f"{_n(float(score.total[i]))} / {_n(float(most))} = {score.total[i] / most:.4%}"
            steps.append(view.step("  band", f"{key}_band", i, 0, share))
    return Part(f"{table.providers[i]}: scores and ranks", steps)


def trace_text(provider: str, parts: list[Part]) -> str:
    """Return a trace as text, a line a step."""
    lines = [f"{provider}: from counts to ranks. Each line: what, value, cell, how."]
    for part in parts:
        lines += ["", part.title]
        for one in part.steps:
            value = shown(one.value) if not isinstance(one.value, float) else _n(one.value)
            line = f"  {one.label:<32} {value:>14}  {one.cell:<28}  {one.arithmetic}".rstrip()
            if not one.agrees:
                line += f"\n  {'':<32} {'':>14}  the workbook holds {shown(one.stored)}"
            lines.append(line)
    return "\n".join(lines)


def trace_json(provider: str, parts: list[Part]) -> str:
    """Return a trace as JSON."""
    found: list[dict[str, Any]] = [
        {"title": part.title, "steps": [{**one._asdict(), "agrees": one.agrees} for one in part.steps]}
        for part in parts
    ]
    return json.dumps({"provider": provider, "parts": found}, indent=2)


def _n(value: float) -> str:
    return f"{value:.10g}"
