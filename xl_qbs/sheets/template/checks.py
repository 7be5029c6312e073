"""The checks that only a template has: what a careless user does must show."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.method import WEIGHT_RULES
from xl_qbs.sheets.checks_sheet import Check
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.template.plan import BEFORE, LAST_YEAR, Counts, Plan

# Parameters that have to be numbers.
_NUMBERS = ",".join(
    f"ISNUMBER({{{key}}})"
    for key in (
        *("fraction", "level", "lower_limit", "upper_limit", "threshold_guard", "band_guard", "score_decimals"),
        *("weight_decimals", "control_decimals", "sign_guard", "fewest_complete", "places"),
    )
)

# Work done above the target, over all lists and indicators in use.
_EXCESS = "SUMPRODUCT({data_used:all}*({data_next:all}>{data:all})*({data_next:all}-{data:all}))"


def more_checks(book: Book, plan: Plan) -> list[Check]:
    """Return the checks of the scheme, of the data and of the formulas in between."""
    checks = [*_scheme_checks(plan), *_data_checks(plan.run, plan.counts, "", "")]
    if plan.before is not None and plan.counts_before is not None:
        year = f" ({book.say(LAST_YEAR).strip()})"
        checks += _data_checks(plan.before, plan.counts_before, BEFORE, year)
        checks += _controls(BEFORE, year)
    return [*checks, *_controls("", ""), *_more_controls()]


def _scheme_checks(plan: Plan) -> list[Check]:
    scheme = plan.run.result.scheme
    count = float(len(scheme.indicators))
    rules = (("prior_rule", "prior_rules"), ("weight_rule", "weight_rules"), ("rounding", "roundings"))
    known = ",".join(f"ISNUMBER(MATCH({{{rule}}},{{{listed}:all}},0))" for rule, listed in rules)
    return [
        Check(
            Label("Indicators in use, at least one", "Kasutusel indikaatoreid, vähemalt üks"),
            1.0,
            "MIN(1,{indicators})",
            1.0,
        ),
        Check(
            Label(
                "Indicators whose row in the scheme is complete, code once, weight known",
                "Indikaatoreid, mille rida skeemis on täidetud, kood kordumatu ja kaal teada",
            ),
            count,
            "SUM({row_complete:all})",
            count,
            must="{indicators}",
        ),
        Check(
            Label("Rules that stand among the choices (1 = all)", "Reeglid on valikute seas (1 = kõik)"),
            1.0,
            f"IF(AND({known}),1,0)",
            1.0,
        ),
        Check(
            Label("Parameters within their range (1 = all)", "Parameetrid lubatud vahemikus (1 = kõik)"),
            1.0,
            f"IF(AND({_NUMBERS}),IF(AND({{fraction}}>=0,{{level}}>0,{{level}}<1,{{lower_limit}}>=0,"
            "{lower_limit}<{upper_limit},{upper_limit}<=1),1,0),0)",
            1.0,
        ),
        Check(
            # The word for no rounding stands first among the roundings, of weights and of coverage alike.
            Label("Decimals of coverage are none or a whole number", "Hõlmatuse komakohti none või täisarv"),
            1.0,
            "IF(ISNUMBER({coverage_decimals}),IF(ABS(INT({coverage_decimals}))={coverage_decimals},1,0),"
            "IF({coverage_decimals}=INDEX({roundings:all},1,1),1,0))",
            1.0,
        ),
        Check(
            Label(
                "Indicators whose given prior can be used, where the rule is fixed",
                "Indikaatoreid, mille antud eeljaotus on kasutatav, kui reegel on fixed",
            ),
            count,
            "SUM({given_right:all})",
            count,
            must="{indicators}",
        ),
        Check(
            Label(
                "Rows of the scheme that are half filled, or whose In use is neither 1 nor 0",
                "Skeemi ridu, mis on poolikud või mille Kasutusel pole 1 ega 0",
            ),
            0.0,
            "SUM({row_half:all})",
            0.0,
        ),
        Check(
            Label("Sum of the weights above 0 (1 = yes)", "Kaalude summa üle 0 (1 = jah)"),
            1.0,
            "IF({weight_total}>0,1,0)",
            1.0,
        ),
        Check(
            Label("Bands without name, limit or order, or above 100 %", "Vahemikke ilma nime, piiri või järjekorrata"),
            0.0,
            "SUM({band_wrong:all})",
            0.0,
        ),
        Check(
            Label("Conditions and their lines that are wrong or incomplete", "Valesid või poolikuid tingimusi ja ridu"),
            0.0,
            "SUM({condition_wrong:all})+SUM({clause_wrong:all})",
            0.0,
        ),
    ]


def _data_checks(run: Run, counts: Counts, scope: str, year: str) -> list[Check]:
    """Return the checks of one year's data."""
    count, rows = float(len(run.result.scheme.codes)), float(run.room.lists)

    def label(english: str, estonian: str) -> Label:
        return Label(english + year, estonian + year)

    def none(key: str, english: str, estonian: str) -> Check:
        return Check(label(english, estonian), 0.0, f"{{{scope}found_{key}}}", 0.0)

    return [
        Check(
            label("Indicators whose columns are on the sheet of data", "Indikaatoreid, mille veerud on andmete lehel"),
            count,
            f"COUNT({{{scope}place_row:all}})",
            count,
            must="{indicators}",
        ),
        Check(
            label("Columns of the data in use, a code each", "Kasutatavaid andmeveerge, igaühel oma kood"),
            count,
            f"SUM({{{scope}data_used:all}})",
            count,
            must="{indicators}",
        ),
        none("orphan", "Rows with counts but no list", "Ridu arvudega, kuid nimistuta"),
        none("gap", "Blank rows between lists", "Tühje ridu nimistute vahel"),
        none("twice", "Lists that stand twice", "Kaks korda esinevaid nimistuid"),
        none("bad", "Indicators of lists without whole numbers from 0", "Nimistute indikaatoreid ilma täisarvudeta"),
        none("factor", "Coefficients that are no number from 0", "Koefitsiente, mis pole arvud alates 0"),
        Check(
            label(
                "Cells with more done than the target, beyond those accepted", "Lahtreid üle sihtrühma, peale lubatute"
            ),
            float(counts.above - counts.accepted),
            f"{{{scope}found_above}}-{{{scope}accepted_above}}",
            0.0,
        ),
        Check(
            label("Rows for lists on the sheet of data", "Nimistute ridu andmete lehel"),
            rows,
            f"ROWS({{{scope}source_provider:all}})",
            rows,
            must="{places}",
        ),
    ]


def _control(english: str, estonian: str, formula: str) -> Check:
    # Rounded: sums over some thousand lists differ in their last bits.
    return Check(Label(english, estonian), 0.0, f"ROUND({formula},{{control_decimals}})", 0.0)


def _controls(scope: str, year: str) -> list[Check]:
    """Return sums of one year that reach the same number by another way, so that an overwritten formula shows."""

    def control(english: str, estonian: str, formula: str) -> Check:
        return _control(english + year, estonian + year, formula.replace("{", "{" + scope))

    return [
        control(
            "Target population on the sheet of data, less here",
            "Sihtrühm andmete lehel miinus siin",
            "SUMPRODUCT({data_used:all},{data_sum:all})-SUM({target:all})",
        ),
        control(
            "Done on the sheet of data, less what is above the target, less here",
            "Tehtud andmete lehel, miinus üle sihtrühma, miinus siin",
            # Not told where a text stands in a column that is not in use: it has no difference.
            f"IF(ISNUMBER({_EXCESS}),SUMPRODUCT({{data_used:all}},{{data_sum_next:all}})-{_EXCESS}-SUM({{done:all}}),0)",
        ),
        control(
            "Coverage times target, less done",
            "Hõlmatus korda sihtrühm, miinus tehtud",
            "SUMPRODUCT({coverage:all},{target:all})-SUM({done:all})",
        ),
        control(
            "Adjusted coverage times (n + M), less done and the prior's part",
            "Kohandatud hõlmatus korda (n + M), miinus tehtud ja eeljaotuse osa",
            "SUM({control_adjusted:all})",
        ),
        control(
            "Need-adjusted points, less weight times adjusted coverage",
            "Vajaduspõhised punktid, miinus kaal korda kohandatud hõlmatus",
            "SUM({need_points:all})-SUM({control_need:all})",
        ),
        control(
            "Need-adjusted scores, less their points",
            "Vajaduspõhised skoorid, miinus nende punktid",
            "SUM({need_score:all})-SUM({need_points:all})",
        ),
        control(
            "Current points, less points times lists that reach them",
            "Kehtivad punktid, miinus punktid korda saavutanud nimistud",
            "SUM({current_points:all})-SUM({control_current:all})",
        ),
        control(
            "Current scores, less points times coefficients",
            "Kehtivad skoorid, miinus punktid korda koefitsiendid",
            "SUM({current_score:all})-SUM({control_score:all})",
        ),
        control(
            "Scores from the best down, less the scores",
            "Järjestatud skoorid, miinus skoorid",
            "SUM({current_order:all})+SUM({need_order:all})-SUM({current_score:all})-SUM({need_score:all})",
        ),
        control(
            "Weights in use, less those of the rule",
            "Kasutatavad kaalud, miinus reegli omad",
            "SUM({weight:all})-SUM({control_weight:all})",
        ),
        control(
            "Prior means and strengths in use, less those of the rule",
            "Kasutatavad eeljaotused, miinus reegli omad",
            "SUM({prior_mean:all})+SUM({prior_strength:all})-SUM({control_mean:all})-SUM({control_strength:all})",
        ),
    ]


def _more_controls() -> list[Check]:
    """Return the control sums of this year alone."""
    return [
        _control(
            "Proportional scores, less their points, and their order",
            "Osalised skoorid, miinus nende punktid, ja järjekord",
            "SUM({proportional_score:all})-SUM({proportional_points:all})"
            "+SUM({proportional_order:all})-SUM({proportional_score:all})",
        ),
    ]


def add_controls(book: Book, sheet: Sheet, run: Run) -> None:
    """Add the control sums of each indicator below the checks, for the year of the book's scope."""
    result, room = run.result, run.room
    row = sheet.last_row + 3
    title = Label(
        "Control sums by indicator: the same number by another way", "Kontrollsummad: sama arv teist teed pidi"
    )
    heads = [
        Label("Indicator", "Indikaator"),
        Label("Adjusted coverage: has to be 0", "Kohandatud hõlmatus: peab olema 0"),
        Label("Need-adjusted points", "Vajaduspõhised punktid"),
        Label("Current points", "Kehtivad punktid"),
        Label("No.", "Nr"),
        Label("Current score", "Kehtiv skoor"),
        Label("Weight by the rule", "Kaal reegli järgi"),
        Label("Prior mean by the rule", "Eeljaotuse keskmine"),
        Label("Prior strength by the rule", "Eeljaotuse kaal"),
    ]
    book.write(sheet, (row - 2, 1), [[book.say(title) + book.say(book.suffix or "")]], "label")
    book.write(sheet, (row - 1, 1), [heads], "heading")
    sheet.heights[row - 1] = 48
    codes = room.by_indicator(texts(result.scheme.codes))
    adjusted = "INDEX({adjusted:all},0,{control_no})"
    target, done = "INDEX({target:all},0,{control_no})", "INDEX({done:all},0,{control_no})"
    earned = "INDEX({current_points:all},0,{control_no})"
    coefficient = np.ones(len(result.table.target)) if result.table.coefficient is None else result.table.coefficient
    strength = np.where(np.isfinite(result.prior.strength), result.prior.strength, 0.0)
    rule = "CHOOSE(MATCH({prior_rule},{prior_rules:all},0),%s)"
    # A sum of one: a text counts as nothing there, such as the word for an infinite strength.
    known = "IF({patients}>0,SUM({by_rule}),0)"
    own_mean = rule % "{overall},{overall},{given_mean}"
    own_strength = rule % "{report_strength},{moments_strength},{given_strength}"
    columns: list[tuple[str, Any, str | None, Format]] = [
        ("control_code", codes, '{code}&""', "text"),
        (
            "control_adjusted",
            room.by_indicator(np.zeros(len(result.scheme.codes)), 0.0),
            f"IF(COUNT({adjusted})=0,0,ROUND(IF(ISNUMBER({{prior_strength}}),SUMPRODUCT({adjusted},{target})"
            f"+{{prior_strength}}*SUM({adjusted})-SUM({done})-COUNT({adjusted})*{{prior_strength}}*{{prior_mean}},"
            f"SUM({adjusted})-COUNT({adjusted})*{{prior_mean}}),{{control_decimals}}))",
            "share",
        ),
        (
            "control_need",
            room.by_indicator(result.weights * result.adjusted.sum(axis=0), 0.0),
            f"IF(ISNUMBER({{weight}}),{{weight}}*SUM({adjusted}),0)",
            "points",
        ),
        (
            "control_current",
            room.by_indicator(result.current.points.sum(axis=0), 0.0),
            f"IF({{points}}>0,{{points}}*COUNTIF({earned},{{points}}),0)",
            "points",
        ),
        ("control_no", room.numbers, None, "count"),
        (
            "control_score",
            room.by_indicator(coefficient @ result.current.points, 0.0),
            f"SUMPRODUCT({{coefficient:all}},{earned})",
            "points",
        ),
        ("control_weight", room.by_indicator(result.weights, 0.0), _weight_again(), "points"),
        ("control_mean", room.by_indicator(result.prior.mean, 0.0), known.replace("{by_rule}", own_mean), "share"),
        ("control_strength", room.by_indicator(strength, 0.0), known.replace("{by_rule}", own_strength), "decimal"),
    ]
    for place, (key, values, formula, number_format) in enumerate(columns, start=1):
        book.add(sheet, key, (row, place), values, formula, format=number_format)


def _weight_again() -> str:
    choices = {
        "principal-component": "IF({component_ready}=1,CHOOSE(MATCH({rounding},{roundings:all},0),"
        "{exact},{by_integer},{by_remainder}),0)",
        "current": "{points}",
        "own": "IF(ISNUMBER({own_weight}),{own_weight},0)",
    }
    return f"CHOOSE(MATCH({{weight_rule}},{{weight_rules:all}},0),{','.join(choices[rule] for rule in WEIGHT_RULES)})"
