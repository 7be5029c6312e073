"""A diagnosis as sheets added to the fund's own workbook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xl_qbs.diagnosis.fairness import ESTIMATED, Counting, fairness
from xl_qbs.diagnosis.indicators import diagnose_indicators
from xl_qbs.diagnosis.need import need_profile
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import counts
from xl_qbs.scoring.improvement import ScoreName
from xl_qbs.scoring.prediction import predict
from xl_qbs.scoring.priors import Prior, PriorRule, likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.two_years import standards, two_years
from xl_qbs.sheets.diagnosis.book import diagnosis_book
from xl_qbs.sheets.diagnosis.plan import FAMILY, WHOLE_LIST, Added, Before, Limits, Plan
from xl_qbs.sheets.model import Book, Language, SourceBlock
from xl_qbs.sheets.run import Run
from xl_qbs.workbook.add_sheets import add_sheets, now, sheet_title
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.list_columns import ListColumn, list_source
from xl_qbs.workbook.scored import Cells
from xl_qbs.workbook.simulated import sources_of


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a diagnosis is to hold.

    Attributes:
        limits: the numbers that somebody decided.
        counting: what counts as eligible: ``all`` indicators, or those that count ``patients``.
        groups: how many groups of lists.
        resamples: how often lists are drawn for the verdicts.
        seed: of the draws.
        list_size: people on each list, or None.
        age: mean age of each list's patients, or None; of use with list size only.
        added: an indicator that may be added, or None.
        steps: how many next steps of each list are shown.
        steps_by: the score whose points they are ranked by.
        typed: the options as a user would type them.
    """

    limits: Limits = field(default_factory=Limits)
    counting: Counting = "all"
    groups: int = 5
    resamples: int = 1000
    seed: int = 1
    list_size: ListColumn | None = None
    age: ListColumn | None = None
    added: Added | None = None
    steps: int = 5
    steps_by: ScoreName = "need-adjusted"
    typed: str = ""


def write_diagnosis(
    table: FundTable,
    result: Result,
    output: str | Path,
    *,
    asked: Asked,
    before: tuple[FundTable, Result] | None = None,
    cells: Cells = "formulas",
    language: Language = "en",
    progress: Callable[[float], None] = lambda _: None,
) -> Plan:
    """Write the fund's file again with the sheets of a diagnosis behind its own; return what they hold.

    Args:
        table: as `read_workbook` read it.
        result: its scoring run.
        output: where to write; replaced only when everything is written.
        asked: what the diagnosis is to hold.
        before: table and scoring run of the year before, under the same scheme and options.
        cells: ``formulas``, live and with stored values, or ``values``.
        language: language of the sheets.
        progress: told the share of the writing that is done, from 0 to 1.

    Raises:
        ArgumentError: the output's name does not fit, or an option or the years do not.
        OutputError: the output is the fund's file itself, or cannot be written.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """
    plan = plan_of(table, result, asked, before)

    def make(taken: Collection[str]) -> Book:
        return diagnosis_book(plan, language, taken)

    source = table.source
    text_sheet = sheet_title(source.sheet) if source.delimiter is not None else None
    formulas = cells == "formulas"
    add_sheets(
        source.path, source.sha256, text_sheet, make, Path(output), family=FAMILY, formulas=formulas, progress=progress
    )
    return plan


def plan_of(table: FundTable, result: Result, asked: Asked, before: tuple[FundTable, Result] | None = None) -> Plan:
    """Return what the sheets are made from, with formulas linked to the fund's own cells."""
    _, sheet = sources_of(table)
    size, age = asked.list_size, asked.age
    if age is not None and size is None:
        raise ArgumentError("--age needs --list-size: the burden of Figure 1 is for each person on the list.")
    _check_added(result, asked)
    limits = asked.limits
    rules: tuple[PriorRule, ...] = (*ESTIMATED, "fixed") if result.method.prior == "fixed" else ESTIMATED
    plan = Plan(
        run=_run(table, result, asked.typed),
        fairness=fairness(
            result,
            priors=rules,
            counting=asked.counting,
            groups=asked.groups,
            level=result.method.level,
            resamples=asked.resamples,
            seed=asked.seed,
        ),
        indicators=diagnose_indicators(
            result,
            reached_by=limits.reached_by,
            variation_up_to=limits.variation_up_to,
            fewest=int(limits.fewest),
            few_lists=limits.few_lists,
        ),
        priors={**priors_of(result), "fixed": result.prior},
        limits=limits,
        groups=asked.groups,
        resamples=asked.resamples,
        seed=asked.seed,
        list_size=None if size is None else size.values,
        age=None if age is None else age.values,
        size_source=_linked(table, size, "source_size", sheet),
        age_source=_linked(table, age, "source_age", sheet),
        before=None if before is None else _before(table, result, before, limits, asked.typed),
        added=asked.added,
        steps=asked.steps,
        steps_by=asked.steps_by,
    )
    if plan.age is None:
        return plan
    return replace(plan, profile=need_profile(plan.age, plan.need))


def _check_added(result: Result, asked: Asked) -> None:
    """Refuse an added indicator about groups that are not there."""
    if asked.added is None:
        return
    groups = (*result.scheme.codes, *([WHOLE_LIST] if asked.list_size is not None else []))
    unknown = [group for group in asked.added.shares if group not in groups]
    if unknown == [WHOLE_LIST]:
        raise ArgumentError("a share of everybody on the list needs --list-size, the heading of the column of its size")
    if unknown:
        raise ArgumentError(f"a share of {', '.join(unknown)}: there is no such indicator; use {', '.join(groups)}")
    if not any(share > 0 for share in asked.added.shares.values()):
        raise ArgumentError("the added indicator has no share above 0, so nobody would be eligible")


def priors_of(result: Result) -> Mapping[str, Prior]:
    """Return the priors of a scoring run's counts by each rule that estimates."""
    done, target = counts(result.table.done, result.table.target)
    rules: dict[PriorRule, Callable[[], Prior]] = {
        "report": lambda: report_prior(done, target, result.method.fraction),
        "moments": lambda: moments_prior(done, target),
        "likelihood": lambda: likelihood_prior(done, target),
    }
    # Likelihood takes its time: the run's own prior is not estimated again.
    return {rule: result.prior if rule == result.method.prior else prior() for rule, prior in rules.items()}


def _linked(table: FundTable, column: ListColumn | None, key: str, sheet: str) -> SourceBlock | None:
    return None if column is None else list_source(table, column, key, sheet)


def _run(table: FundTable, result: Result, typed: str, *, linked: bool = True) -> Run:
    sources, sheet = sources_of(table)
    return Run(
        result=result,
        sources=sources if linked else None,
        input_name=table.source.path.name,
        input_hash=table.source.sha256,
        time=now(),
        data_range=f"{sheet}!{table.source.range}",
        findings=(*table.findings, *result.warnings),
        options=typed,
    )


def _before(table: FundTable, result: Result, before: tuple[FundTable, Result], limits: Limits, typed: str) -> Before:
    other, earlier = before
    years = two_years(earlier, result, standard=standards(earlier, limits.best), floor=limits.floor)
    # Counts of the same file are linked, those of another one copied.
    linked = other.source.sha256 == table.source.sha256
    return Before(
        run=_run(other, earlier, typed, linked=linked),
        years=years,
        prediction=predict(earlier.table, result.table, fraction=result.method.fraction, prior_from="first-year"),
        priors=priors_of(earlier),
    )
