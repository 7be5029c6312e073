"""The checks of a diagnosis book."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.checks_sheet import Check, add_check_sheet
from xl_qbs.sheets.diagnosis.plan import Plan
from xl_qbs.sheets.model import Book, Label, Sheet

_SUMS = 1e-6


def add_checks(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of checks; all others must stand already."""
    return add_check_sheet(book, _checks(plan), _as_written(plan), open_room=False)


def _checks(plan: Plan) -> list[Check]:
    lists, count = (float(one) for one in plan.result.table.target.shape)
    scores = float(len(plan.keys))
    everybody = lists * (lists + 1) / 2
    prior = plan.result.method.prior
    checks = [
        Check(Label("Counts that are numbers: target and done", "Arvulisi lahtreid: sihtrühm ja tehtud"),
              2 * lists * count, "COUNT({target:all})+COUNT({done:all})", 2 * lists * count),
        Check(Label("Scores that are numbers", "Arvulisi skoore"), lists * scores, "COUNT({all_scores:all})",
              lists * scores),
        Check(Label("Losses that are numbers", "Arvulisi kaotusi"), 3 * lists * count,
              "COUNT({loss_current:all})+COUNT({loss_proportional:all})+COUNT({loss_need:all})", 3 * lists * count),
        Check(Label("Losses below 0, one patient fewer cannot earn points (1 = somewhere)",
                    "Kaotusi alla nulli, vähemaga ei saa punkte juurde (1 = kuskil)"),
              0.0, "IF(MIN({loss_current:all},{loss_proportional:all},{loss_need:all})<0-{band_guard},1,0)", 0.0),
        Check(Label("Need-adjusted scores by rule and on the sheet of scores, difference",
                    "Vajaduspõhised skoorid reegli järgi ja skooride lehel, erinevus"),
              # Of use as long as the rule of the run is in use.
              0.0, f'IF({{prior_rule}}="{prior}",SUM({{by_{prior}:all}})-SUM({{need_score:all}}),0)', 0.0, _SUMS),
        Check(Label("Lists in the groups by size", "Nimistuid suuruse rühmades"), lists, "SUM({size_lists:all})",
              lists),
        Check(Label("Next steps that are ranked, less indicators with patients left",
                    "Järjestatud samme miinus indikaatoreid, kus jagub patsiente"),
              0.0, "COUNT({step_place:all})-SUMPRODUCT(--({step_left:all}>0))", 0.0),
        Check(Label("Patients left, on the sheet of next steps and from the counts, difference",
                    "Teenindamata patsiente sammude lehel ja arvudest, erinevus"),
              0.0, "SUM({step_left:all})-(SUM({target:all})-SUM({done:all}))", 0.0),
        Check(Label("Indicators", "Indikaatoreid"), count, "COUNT({ind_variation:all})", count),
    ]  # fmt: skip
    # Ties share the mean of their ranks, so ranks always sum to the same.
    for key, label in (
        ("against", Label("eligible patients", "sihtrühm")),
        *((key, Label(key.removeprefix("by_"), key.removeprefix("by_"))) for key in plan.keys),
    ):
        title = Label(f"Sum of the ranks: {label.en}", f"Kohtade summa: {label.et}")
        checks.append(Check(title, everybody, f"SUM({{{key}_meanrank:all}})", everybody, _SUMS))
    if plan.result.scheme.bands:
        known = float((plan.need_groups.member >= 0).sum())
        label = Label("Lists in the bands by need, three scores", "Nimistuid vajaduse vahemikes, kolm skoori")
        formula = "+".join(f"SUM({{need_bands_{one}:all}})" for one in ("current", "proportional", "need"))
        checks.append(Check(label, 3 * known, formula, 3 * known))
    if plan.before is not None:
        checks += _two_years(plan)
    return checks


def _two_years(plan: Plan) -> list[Check]:
    assert plan.before is not None  # noqa: S101  (asked for)
    years = plan.before.years
    lists, count = (float(one) for one in plan.result.table.target.shape)
    both = float(years.in_both.sum())
    below = years.final < years.floor - _SUMS
    return [
        Check(Label("Lists in both years, as many as were read", "Mõlema aasta nimistuid, niipalju kui loeti"), both,
              "COUNT({last_row})".replace("{last_row}", "{last_row:all}"), both),
        Check(Label("Credits that are numbers", "Arvulisi arvestusi"), lists * count, "COUNT({two_credit:all})",
              lists * count),
        Check(Label("Credits above 1 or below 0 (1 = somewhere)", "Arvestusi üle 1 või alla 0 (1 = kuskil)"), 0.0,
              "IF(MAX({two_credit:all})>1,1,0)+IF(MIN({two_credit:all})<0,1,0)", 0.0),
        Check(Label("Lists below their floor", "Nimistuid allpool põrandat"), float(below.sum()),
              "SUMPRODUCT(--({two_final:all}<{two_floor:all}-{band_guard}))", 0.0),
        Check(Label("Standards out of order: threshold above benchmark", "Vales järjestuses piire: lävi üle sihi"),
              float((years.standards.threshold > years.standards.benchmark).sum()),
              "SUMPRODUCT(--({threshold:all}>{benchmark:all}))", 0.0),
    ]  # fmt: skip


def _as_written(plan: Plan) -> list[Check]:
    """Return sums that hold as long as data and parameters are what the program saw."""
    return [
        Check(
            Label(f"Sum of scores: {key.removeprefix('by_')}", f"Skooride summa: {key.removeprefix('by_')}"),
            float(np.sum(total)),
            f"SUM({{{key}:all}})",
            float(np.sum(total)),
            _SUMS,
        )
        for key, total in zip(plan.keys, plan.totals, strict=True)
    ]
