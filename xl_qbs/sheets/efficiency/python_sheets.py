"""The sheets of what no formula can do: searched by Python, stored as values, and said to be so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xl_qbs.efficiency.programs import program as find_program
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.efficiency.plan import PATIENTS, PROGRAM, PYTHON, TITLES, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, texts
from xl_qbs.sheets.model import Book, Label, Sheet

STORED = Label(
    "No formula can do this. Calculated by xl_qbs and stored: run it again when the data change.",
    "Ühegi valemiga ei saa seda arvutada. Arvutanud ja salvestanud xl_qbs: käivitage uuesti, kui andmed muutuvad.",
)
# Of many peers, so many are named.
_NAMED_PEERS = 5
_FROM, _TO = Label("From", "Alates"), Label("To", "Kuni")


def add_searched(book: Book, plan: Plan) -> Sheet:
    """Add the frontier by likelihood and envelopment by linear programs."""
    sheet = begin_rows(book, plan, PYTHON, Label("What needs Python", "Mis vajab Pythonit"), STORED, tab="7030A0")
    column = 2
    found = plan.analysis
    facts: list[tuple[Label | str, Any]] = []
    if found.likelihood is not None:
        one = found.likelihood
        column = add_columns(
            book,
            sheet,
            plan,
            column,
            [
                _stored("likelihood_expected", Label("Efficiency E[exp(-u)]", "Tõhusus E[exp(-u)]"), one.efficiency),
                *_interval("likelihood", one.interval),
                _stored(
                    "likelihood_efficiency",
                    Label("Efficiency exp(-E[u])", "Tõhusus exp(-E[u])"),
                    one.efficiency_of_mean,
                ),
                _stored("likelihood_inefficiency", Label("Inefficiency E[u]", "Ebatõhusus E[u]"), one.inefficiency),
                _stored("likelihood_mode", Label("Its mode", "Selle mood"), one.inefficiency_mode),
            ],
            TITLES["frontier_likelihood"],
        )
        facts += [
            (Label("Frontier by likelihood", "Rajajoon tõepära järgi"), one.distribution),
            (Label("Intercept", "Vabaliige"), float(one.coefficients[0])),
            (Label("Slope", "Tõus"), float(one.coefficients[1])),
            (Label("Scale of inefficiency", "Ebatõhususe skaala"), one.scale),
            (Label("Standard deviation of luck", "Juhuse standardhälve"), one.noise),
            (Label("Log likelihood", "Log-tõepära"), one.log_likelihood),
            (Label("The same without inefficiency", "Sama ebatõhususeta"), one.ols_log_likelihood),
        ]
        if one.test is not None:
            facts += [
                (Label("Test of no inefficiency", "Ebatõhususe puudumise test"), one.test.statistic),
                (Label("p value", "p-väärtus"), one.test.p_value),
            ]
        if one.remark:
            facts.append((one.remark, ""))
    sheet.breaks.append(column - 1)
    if found.programs_envelopment is not None:
        column = _add_envelopment(book, sheet, plan, column)
        options = found.options
        facts += [
            (Label("Returns to scale", "Mastaabitulu"), options.returns),
            (Label("Orientation", "Suund"), options.orientation),
            (Label("Inputs and outputs", "Sisendeid ja väljundeid"), _sizes(plan)),
        ]
        if found.programs_envelopment.remark:
            facts.append((found.programs_envelopment.remark, ""))
    sheet.breaks.append(column - 1)
    add_facts(book, sheet, column + 1, facts)
    return sheet


def _sizes(plan: Plan) -> str:
    one = plan.analysis.programs_envelopment
    assert one is not None  # noqa: S101  (asked for above)
    return f"{one.input_slacks.shape[1]}, {one.output_slacks.shape[1]}"


def _add_envelopment(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    one = plan.analysis.programs_envelopment
    assert one is not None  # noqa: S101  (asked for above)
    columns = [
        _stored("programs_efficiency", Label("Efficiency", "Tõhusus"), one.efficiency),
        _stored("programs_factor", Label("Factor", "Tegur"), np.where(np.isfinite(one.factor), one.factor, np.nan)),
    ]
    for name, label, table in (
        ("input_slack", Label("Input in excess", "Sisendi ülejääk"), one.input_slacks),
        ("output_slack", Label("Output short", "Väljundi puudujääk"), one.output_slacks),
        ("input_target", Label("Target of input", "Sisendi siht"), one.input_targets),
        ("output_target", Label("Target of output", "Väljundi siht"), one.output_targets),
    ):
        for number, values in enumerate(table.T, start=1):
            numbered = Label(f"{label.en} {number}", f"{label.et} {number}") if table.shape[1] > 1 else label
            columns.append(_stored(f"programs_{name}_{number}", numbered, values))
    told = []
    for peers in one.peers:
        order = np.argsort(-peers.weights, kind="stable")[:_NAMED_PEERS]
        named = [f"{plan.providers[int(peers.rows[place])]} ({peers.weights[place]:.3f})" for place in order]
        more = len(peers.rows) - len(named)
        told.append(", ".join(named) + (f" +{more}" if more > 0 else ""))
    after = add_columns(book, sheet, plan, column, columns, TITLES["envelopment_programs"])
    book.write(sheet, (HEADING_ROW, after), [[Label("Peers (weight)", "Eeskujud (kaal)")]], "heading")
    book.add(sheet, "programs_peers", (FIRST_ROW, after), plan.room.by_list(texts(told)), kind="text", format="text")
    sheet.widths[after] = 48
    return after + 1


def _stored(key: str, label: Label, values: Array) -> Column:
    return Column(key, label, values, None, "text")


def _interval(key: str, interval: Interval) -> list[Column]:
    return [_stored(f"{key}_low", _FROM, interval.low), _stored(f"{key}_high", _TO, interval.high)]


def add_facts(book: Book, sheet: Sheet, column: int, facts: Sequence[tuple[Label | str, Any]]) -> None:
    """Add facts in two columns beside the rows: what it is, and its value."""
    sheet.widths |= {column: 44, column + 1: 18}
    book.write(sheet, (HEADING_ROW, column), [[Label("Estimate", "Hinnang"), Label("Value", "Väärtus")]], "heading")
    for row, (label, value) in enumerate(facts, start=FIRST_ROW):
        book.write(sheet, (row, column), [[label]], "text")
        shown = texts([value]) if isinstance(value, str) else np.array([float(value)])
        book.add(
            sheet,
            f"fact_{sheet.name}_{row}",
            (row, column + 1),
            shown,
            kind="text",
            format="text" if isinstance(value, str) else "share",
        )


def add_patients(book: Book, plan: Plan) -> Sheet:
    """Add what patient rows say: regression, and cost-effectiveness with its curve."""
    results = plan.patients
    assert results is not None  # noqa: S101  (asked for by the book)
    one = results.regression
    sheet = begin(book, PATIENTS, Label("From patient rows", "Patsiendiridadest"), STORED, tab="7030A0")
    sheet.widths = {1: 26}
    sheet.default_width = 12.5
    sheet.heights |= {HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,$5:${HEADING_ROW}"
    names = texts([str(name) for name in one.providers])
    book.write(sheet, (HEADING_ROW, 1), [[Label("Provider", "Osutaja")]], "heading")
    book.add(sheet, "patient_provider", (FIRST_ROW, 1), names, kind="text", format="text")
    columns = [
        _stored("patient_count", Label("Patients", "Patsiente"), one.patients),
        _stored("patient_quality", Label("Effect on quality", "Mõju kvaliteedile"), one.quality),
        *_interval("patient_quality", one.quality_interval),
        _stored("patient_cost", Label("Effect on cost", "Mõju kulule"), one.cost),
        *_interval("patient_cost", one.cost_interval),
        _stored(
            "patient_efficiency",
            Label("Efficiency: quality given cost", "Tõhusus: kvaliteet kulu järgi"),
            one.efficiency,
        ),
        *_interval("patient_efficiency", one.interval),
        _stored(
            "patient_positive", Label("Probability above average", "Tõenäosus üle keskmise"), one.probability_positive
        ),
        _stored("patient_reliability", Label("Reliability of quality", "Kvaliteedi usaldusväärsus"), one.reliability),
    ]
    column = _add_plain(book, sheet, 2, columns, TITLES["regression"])
    facts: list[tuple[Label | str, Any]] = [
        (Label("Patients", "Patsiente"), float(results.rows)),
        (Label("Providers", "Osutajaid"), float(len(one.providers))),
        (Label("Risk factors", "Riskitegurid"), ", ".join(results.risk_names) or "--"),
        (
            Label("Variance of quality between providers", "Kvaliteedi dispersioon osutajate vahel"),
            one.covariance[0, 0],
        ),
        (Label("Variance of cost between providers", "Kulu dispersioon osutajate vahel"), one.covariance[1, 1]),
        (Label("Covariance of the two", "Nende kovariatsioon"), one.covariance[0, 1]),
        (Label("Quality to expect of one more unit of cost", "Oodatav kvaliteet kuluühiku kohta"), one.slope),
    ]
    if one.remark:
        facts.append((one.remark, ""))
    benefit = results.net_benefit
    if benefit is not None:
        column = _add_plain(
            book,
            sheet,
            column,
            [
                _stored("patient_benefit", Label("Net benefit, in money", "Netokasu, rahas"), benefit.efficiency),
                *_interval("patient_benefit", benefit.interval),
                _stored(
                    "patient_benefit_positive",
                    Label("Probability that it is positive", "Tõenäosus, et see on positiivne"),
                    benefit.probability_positive,
                ),
            ],
            TITLES["cost_effectiveness"],
        )
        if results.curve is not None:
            column = _add_curve(book, sheet, plan, column)
    add_facts(book, sheet, column + 1, facts)
    return sheet


def _add_curve(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add the probability that each net benefit is positive, a column a value of a unit of quality."""
    assert plan.patients is not None  # noqa: S101  (asked for above)
    curve = plan.patients.curve
    assert curve is not None  # noqa: S101  (as above)
    title = Label("Probability by value of a unit of quality", "Tõenäosus kvaliteediühiku väärtuse järgi")
    book.write(sheet, (5, column), [[title]], "group")
    count = len(curve.values)
    from xl_qbs.sheets.address import column_letter  # noqa: PLC0415

    if count > 1:
        sheet.merges.append(f"{column_letter(column)}5:{column_letter(column + count - 1)}5")
    book.add(sheet, "curve_value", (HEADING_ROW, column), curve.values.reshape(1, -1), kind="heading", format="general")
    book.add(sheet, "curve_probability", (FIRST_ROW, column), curve.probability, kind="text", format="percent")
    return column + count


def _add_plain(book: Book, sheet: Sheet, column: int, columns: Sequence[Column], group: Label) -> int:
    """Add columns whose rows are the patients' providers, not the table's."""
    from xl_qbs.sheets.address import column_letter  # noqa: PLC0415

    book.write(sheet, (5, column), [[group]], "group")
    sheet.merges.append(f"{column_letter(column)}5:{column_letter(column + len(columns) - 1)}5")
    book.write(sheet, (HEADING_ROW, column), [[one.label for one in columns]], "heading")
    for place, one in enumerate(columns, start=column):
        values = np.asarray(one.values, dtype=float)
        book.add(sheet, one.key, (FIRST_ROW, place), values, kind="text", format=one.format)
    return column + len(columns)


def add_program(book: Book, plan: Plan) -> Sheet:
    """Add what the chosen program of Exhibit 1 states, and what its rule makes of each provider."""
    chosen = find_program(plan.analysis.options.program)
    sheet = begin_rows(
        book,
        plan,
        PROGRAM,
        Label(f"Program: {chosen.name}", f"Programm: {chosen.name}"),
        Label(
            "What Exhibit 1 lets expect of its rule, on your measures; not the program itself. Calculated by xl_qbs.",
            "Mida joonis 1 lubab selle reeglist oodata, teie mõõdikutel; mitte programm ise. Arvutanud xl_qbs.",
        ),
        tab="7030A0",
    )
    outcome = plan.analysis.program
    columns = []
    for name in outcome._fields:
        value = getattr(outcome, name)
        if isinstance(value, np.ndarray) and value.shape == (len(plan.providers),):
            word = name.replace("_", " ")
            columns.append(_stored(f"program_{name}", Label(word[0].upper() + word[1:], word), value.astype(float)))
    column = add_columns(book, sheet, plan, 2, columns, Label("Outcome", "Tulemus"))
    facts: list[tuple[Label | str, Any]] = [
        (Label("Services", "Teenused"), chosen.services),
        (Label("Who is held to account", "Kes vastutab"), chosen.level),
        (Label("Quality", "Kvaliteet"), chosen.quality),
        (Label("Cost", "Kulu"), chosen.cost),
        (Label("Approach", "Lähenemine"), chosen.approach),
        (Label("In the exhibit's words", "Joonise sõnadega"), chosen.printed),
        (Label("Rule", "Reegel"), chosen.rule),
        *((f"{name} (Exhibit 1)", float(value)) for name, value in chosen.stated.items()),
        *((f"{name}", float(value)) for name, value in plan.analysis.options.program_options.items()),
    ]
    add_facts(book, sheet, column + 1, facts)
    sheet.widths[column + 2] = 90
    return sheet
