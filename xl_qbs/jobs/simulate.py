"""The whole job of ``xl-qbs simulate``, from a fund's workbook to a workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from xl_qbs.errors import ArgumentError
from xl_qbs.jobs.score import method_of, read_table
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.scoring.score import Result
    from xl_qbs.sheets.model import Label
    from xl_qbs.simulation.bonus import BonusRules
    from xl_qbs.simulation.budget import Counts
    from xl_qbs.simulation.run import Simulation
    from xl_qbs.workbook.fund_table import FundTable
    from xl_qbs.workbook.list_columns import ListColumn

# numpy and the rest are imported inside the functions, so that --help is answered at once.

SharedBy = Literal["each", "eligible", "list-size", "unmet-need"]


@dataclass(frozen=True, kw_only=True)
class Extra:
    """How many extra patients lists can serve.

    Attributes:
        number: patients, or with ``percent`` a percentage of each list's unmet need.
        percent: whether it is a percentage.
        shared_by: ``each`` list has the number; or the number is shared out in proportion to ``eligible`` patients,
            ``list-size`` or ``unmet-need``.
    """

    number: float
    percent: bool = False
    shared_by: SharedBy = "each"


@dataclass(frozen=True, kw_only=True)
class Pay:
    """How bonuses are paid; what is None is taken from the scheme, or from the one rule that is written down.

    Attributes:
        bands: lower limits as shares, or None for the scheme's bands.
        coefficients: what each band pays as a share of the full bonus, or None: all from the second band on.
        amount: the full bonus.
        bands_of: ``score`` or ``relative-rank``.
        conditions: names of the scheme's conditions.
        pot: a total to be paid out, or None.
    """

    bands: tuple[float, ...] | None = None
    coefficients: tuple[float, ...] | None = None
    amount: float = 1.0
    bands_of: Any = "score"
    conditions: tuple[str, ...] = ()
    pot: float | None = None


def simulate_file(
    workbook: Path,
    output: Path | None,
    *,
    extra: Extra,
    pay: Pay,
    options: dict[str, Any],
    list_size: str | None = None,
    groups: int = 5,
    cells: Any = "formulas",
    language: Any = "en",
    scheme: Path | None = None,
    sheet: str | None = None,
    mapping: Path | None = None,
    period: str | None = None,
    above_target: str = "cap",
    scoring: str = "",
    typed: str = "",
    **method: Any,
) -> tuple[Path, FundTable, Result, Simulation]:
    """Read, score, simulate and write a workbook, showing the steps.

    Args:
        workbook: the fund's file.
        output: where to write; None for a new name beside it.
        extra: how many extra patients lists can serve.
        pay: how bonuses are paid.
        options: fields of `xl_qbs.simulation.run.Options`.
        list_size: heading of the column of list size.
        groups: how many groups of lists.
        cells: ``formulas`` or ``values``.
        language: language of the sheets.
        scheme: as in `xl_qbs.jobs.score.score_file`, like all that says so.
        sheet: as there.
        mapping: as there.
        period: as there.
        above_target: as there.
        scoring: the options of the scoring in words, for the sheet of parameters.
        typed: the options as a user would type them, for the sheet About.
        **method: as there.

    Returns:
        Where it was written, what was read, its scores, and the simulation (in units of the full bonus or pot).

    Raises:
        QbsError: what was given cannot be scored, simulated or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as steps:
        steps.next("Reading")
        from xl_qbs.scoring.score import score as score_table  # noqa: PLC0415  (see above)
        from xl_qbs.simulation.run import Options, simulate  # noqa: PLC0415
        from xl_qbs.workbook.add_sheets import check_output, default_output  # noqa: PLC0415
        from xl_qbs.workbook.list_columns import read_list_column  # noqa: PLC0415
        from xl_qbs.workbook.simulated import Facts, write_simulation  # noqa: PLC0415

        chosen = Options(**options)
        if groups < 1:
            raise ArgumentError(f"--groups {groups}: must be 1 or more")
        if not 0 <= pay.amount < float("inf"):
            raise ArgumentError(f"--amount {pay.amount}: must be a number from 0")
        output = output or default_output(workbook, "simulated")
        # Before minutes of work, not after them.
        check_output(workbook, output)
        table = read_table(
            workbook, scheme=scheme, sheet=sheet, mapping=mapping, period=period, above_target=above_target
        )
        size = None if list_size is None else read_list_column(table, list_size)
        steps.next("Scoring")
        result = score_table(table, table.scheme, method_of(table.scheme, **method))
        budget, rule = _budget(result, chosen.indicators, extra, size)
        rules = _rules(result, pay)
        steps.next("Simulating")
        found = simulate(result, budget, rules, chosen, progress=lambda done, all_of: steps.done(done / all_of))
        steps.next("Writing")
        facts = Facts(
            amount=pay.amount if pay.pot is None else pay.pot,
            budget_rule=rule,
            list_size=size,
            groups=groups,
            scoring=scoring,
            typed=typed,
        )
        write_simulation(table, result, found, output, facts=facts, cells=cells, language=language, progress=steps.done)
    return output, table, result, found


def _rules(result: Result, pay: Pay) -> BonusRules:
    """Return the rules with a full bonus or pot of 1, so that amounts are formulas on the sheets."""
    from xl_qbs.simulation.bonus import BonusRules  # noqa: PLC0415  (see above)

    lowers = pay.bands if pay.bands is not None else tuple(one.lower for one in result.scheme.bands)
    if not lowers:
        raise ArgumentError("--bands: the scheme has none, so give their lower limits, such as 0,0.8,0.9")
    # All that is written down: 80 % of the maximum is needed for any bonus.
    coefficients = pay.coefficients if pay.coefficients is not None else (0.0, *[1.0] * (len(lowers) - 1))
    pot = None
    if pay.pot is not None:
        if not 0 < pay.pot < float("inf"):
            raise ArgumentError(f"--pot {pay.pot}: must be a number above 0")
        pot = 1.0
    rules = BonusRules(lowers, coefficients, 1.0, pay.bands_of, pay.conditions)
    return replace(rules, pot=pot)


def _budget(
    result: Result, indicators: tuple[str, ...] | None, extra: Extra, size: ListColumn | None
) -> tuple[Counts, Label]:
    """Return the extra patients of each list, and how they come about."""
    import numpy as np  # noqa: PLC0415  (see above)

    from xl_qbs.diagnosis.need import patient_indicators  # noqa: PLC0415
    from xl_qbs.sheets.model import Label  # noqa: PLC0415
    from xl_qbs.simulation import budget  # noqa: PLC0415

    table = result.table
    codes = indicators if indicators is not None else patient_indicators(result.scheme)
    unknown = [code for code in codes if code not in table.indicators]
    if unknown:
        raise ArgumentError(f"--indicators: {', '.join(unknown)} not in the scheme")
    if not codes:
        raise ArgumentError("--indicators: none counts patients, so name those in which more can be served")
    open_to = table.select(codes)
    unmet = (open_to.target - open_to.counted).sum(axis=1)
    number = extra.number
    if extra.percent:
        if extra.shared_by != "each":
            raise ArgumentError("--extra-patients in percent is of each list's unmet need: leave --shared-by out.")
        told = f"{number:g} %"
        rule = Label(f"{told} of each list's unmet need", f"{told} iga nimistu katmata vajadusest")
        return budget.share_of_unmet_need(unmet, number / 100), rule
    if number != int(number):
        raise ArgumentError(f"--extra-patients {number:g}: must be a whole number, or a percentage such as 10%")
    whole = int(number)
    if extra.shared_by == "each":
        rule = Label(f"{whole} for each list", f"{whole} igale nimistule")
        return budget.same_budget(len(table.providers), whole), rule
    if extra.shared_by == "unmet-need":
        rule = Label(f"{whole} in all, shared by unmet need", f"kokku {whole}, jagatud katmata vajaduse järgi")
        return budget.budget_by_unmet_need(unmet, whole), rule
    if extra.shared_by == "eligible":
        counting = table.select(patient_indicators(result.scheme) or result.scheme.codes)
        rule = Label(f"{whole} in all, shared by eligible patients", f"kokku {whole}, jagatud sihtrühma järgi")
        return budget.budget_by_size(counting.eligible, whole), rule
    if size is None:
        raise ArgumentError("--shared-by list-size needs --list-size HEADING.")
    rule = Label(f"{whole} in all, shared by list size", f"kokku {whole}, jagatud nimistu suuruse järgi")
    return budget.budget_by_size(np.nan_to_num(size.values), whole), rule
