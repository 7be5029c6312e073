"""The checks of a simulation book."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.checks_sheet import Check, add_check_sheet
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, Plan, by_case

# A mean over replications may differ in its last bits from what it has to equal.
_NOISE = 1e-6


def add_checks(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of checks; all others must stand already."""
    return add_check_sheet(book, _checks(book, plan), _as_written(plan), open_room=False)


def _checks(book: Book, plan: Plan) -> list[Check]:
    lists, cases = float(plan.lists), plan.shape[0] * plan.shape[1]
    found = plan.simulation
    checks = [
        Check(
            Label("Counts that are numbers: target and done", "Arvulisi lahtreid: sihtrühm ja tehtud"),
            2 * lists * len(found.indicators),
            "COUNT({target:all})+COUNT({done:all})",
            2 * lists * len(found.indicators),
        ),
        Check(Label("Scores that are numbers", "Arvulisi skoore"), lists * cases, "COUNT({score:all})", lists * cases),
        Check(
            Label("Bonuses that are numbers", "Arvulisi preemiaid"), lists * cases, "COUNT({bonus:all})", lists * cases
        ),
        _bands(plan, cases),
        Check(
            Label("Extra patients of nobody extra", "Lisapatsiente, kui kedagi ei lisata"),
            0.0,
            "SUM({total_0:all})",
            0.0,
        ),
    ]
    checks += [_budget(plan, place) for place in range(1, plan.shape[0])]
    checks += [_target(plan, place) for place in range(1, plan.shape[0])]
    checks.append(_nothing_changes(plan))
    checks += _chasing(plan)
    for key in ("size", "need"):
        count = float(book.block(f"{key}_count").values[0, 0])
        label = Label(
            f"Lists in the groups by {key}", "Nimistuid rühmades, " + ("suurus" if key == "size" else "vajadus")
        )
        checks.append(Check(label, count, f"SUM({{{key}_lists:all}})", count))
        net = float(np.nansum(book.block(f"{key}_gained").values.astype(float)))
        checks.append(_group_sums(plan, key, net))
    return checks


def _bands(plan: Plan, cases: int) -> Check:
    sums = "+".join(f"SUM({{band_{band}:all}})" for band in range(plan.bands))
    number = float(plan.lists * cases)
    label = Label("Shares in the bands, summed over lists and cases", "Osad vahemikes, summa üle nimistute ja juhtude")
    return Check(label, float(plan.simulation.band_share.sum()), sums, number, _NOISE)


def _budget(plan: Plan, place: int) -> Check:
    name = BEHAVIOUR_NAMES[plan.simulation.behaviours[place]]
    over = plan.served[place] > plan.simulation.budget + _NOISE
    return Check(
        Label(
            f"Lists that serve more than they could: {name.en}", f"Nimistuid, kes teenindavad liiga palju: {name.et}"
        ),
        float(over.sum()),
        f"SUMPRODUCT(--({{total_{place}:all}}>{{budget:all}}+{{check_noise}}))",
        0.0,
    )


def _target(plan: Plan, place: int) -> Check:
    """Return the check that nobody is served beyond the target population."""
    name = BEHAVIOUR_NAMES[plan.simulation.behaviours[place]]
    table, served = plan.result.table, plan.simulation.served[place]
    # Drawn counts to begin with may be fewer than those counted, but extra patients are never more than there are.
    room, formula = table.target, "{target:all}"
    if plan.simulation.options.start == "observed":
        room, formula = table.target - table.counted, "{target:all}-{done:all}"
    return Check(
        Label(
            f"Indicators of lists with more served than are left, or fewer than none: {name.en}",
            f"Nimistute indikaatoreid, kus teenindati rohkem kui võimalik või alla nulli: {name.et}",
        ),
        float((served > room + _NOISE).sum() + (served < 0).sum()),
        f"SUMPRODUCT(--({{served_{place}:all}}>{formula}+{{check_noise}}))+SUMPRODUCT(--({{served_{place}:all}}<0))",
        0.0,
    )


def _nothing_changes(plan: Plan) -> Check:
    """Return the check that the scores of lists without extra patients do not move."""
    found = plan.simulation
    idle = found.budget == 0
    change = by_case(found.score - found.score[:1])[idle] ** 2
    if found.options.reestimate:
        return Check(
            Label(
                "(Not checked: prior and weights are estimated anew)", "(Kontrollimata: eeljaotus ja kaalud on uued)"
            ),
            0.0,
            "0",
            0.0,
        )
    return Check(
        Label(
            "Change in the scores of lists that cannot serve anybody extra (sum of squares)",
            "Skooride muutus nimistutes, kes kedagi juurde teenindada ei saa (ruutude summa)",
        ),
        float(change.sum()),
        "SUMIF({budget:all},0,{score_moved:all})",
        0.0,
        _NOISE,
    )


def _chasing(plan: Plan) -> list[Check]:
    """Return the checks that who chases a score never ends below spreading evenly on it."""
    found = plan.simulation
    names, schemes = found.behaviours, [str(one) for one in found.schemes]
    if "proportional" not in names or found.options.reestimate:
        return []
    checks = []
    even = names.index("proportional")
    for behaviour, scheme in (("chase-current", "current"), ("chase-adjusted", "need-adjusted")):
        if behaviour not in names or scheme not in schemes:
            continue
        own, at = names.index(behaviour), schemes.index(scheme)
        below = found.score[own, at] < found.score[even, at] - _NOISE
        first, second = own * len(schemes) + at, even * len(schemes) + at
        label = Label(
            f"Lists below spreading evenly on the score that they chase: {BEHAVIOUR_NAMES[behaviour].en}",
            f"Nimistuid, kes jäävad püütud skooris alla võrdelisest: {BEHAVIOUR_NAMES[behaviour].et}",
        )
        formula = (
            f"SUMPRODUCT(--(INDEX({{score:all}},0,{{case_{first}}})<"
            f"INDEX({{score:all}},0,{{case_{second}}})-{{check_noise}}))"
        )
        checks.append(Check(label, float(below.sum()), formula, 0.0))
    return checks


def _group_sums(plan: Plan, key: str, gained: float) -> Check:
    known = {one.key: one for one in plan.groupings}[key].groups.member >= 0
    gain: Array = np.maximum(by_case(plan.gain)[known], 0)
    label = Label(
        f"What lists gain, by {key} and one by one, difference",
        "Nimistute võit rühmiti ja ükshaaval, erinevus: " + ("suurus" if key == "size" else "vajadus"),
    )
    formula = f'SUM({{{key}_gained:all}})-SUMIF({{{key}_group:all}},">0",{{list_gained:all}})'
    scale = max(1.0, float(gain.sum()))
    return Check(label, gained - float(gain.sum()), formula, 0.0, _NOISE * scale)


def _as_written(plan: Plan) -> list[Check]:
    """Return sums that hold as long as data and parameters are what the program saw."""
    paid = float(plan.bonus.sum())
    table = plan.result.table
    return [
        Check(Label("Sum of the target populations", "Sihtrühmade summa"), float(table.target.sum()),
              "SUM({target:all})", float(table.target.sum())),
        Check(Label("Sum of the work done", "Tehtud töö summa"), float(table.counted.sum()), "SUM({done:all})",
              float(table.counted.sum())),
        Check(
            Label(
                "All bonuses, from lists and from replications",
                "Kõik preemiad, nimistutest ja kordustest",
            ),
            paid,
            "SUM({bonus:all})",
            plan.amount * float(plan.simulation.paid.mean(axis=2).sum()),
            _NOISE * max(1.0, abs(paid)),
        ),
    ]  # fmt: skip
