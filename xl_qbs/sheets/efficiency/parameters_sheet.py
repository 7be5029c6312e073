"""The sheet of parameters: every number that somebody decided, and the points behind the stars."""

from __future__ import annotations

import numpy as np

from xl_qbs.efficiency.analysis import EFFICIENCY_DECIMALS
from xl_qbs.efficiency.classes import CUT_GUARD
from xl_qbs.efficiency.hurdles import FAILING
from xl_qbs.efficiency.inputs import COST_IS
from xl_qbs.efficiency.stars import STAR_POINTS
from xl_qbs.sheets.efficiency.plan import PARAMETERS, Plan
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Format, Label, Sheet, Validation
from xl_qbs.sheets.scheme_sheet import HOUSE, Parameter, add_choice_rows, add_parameter_rows

PAPER = Label("the paper", "artikkel")
USER = Label("you", "teie")


def add_parameters(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of parameters; later sheets refer to its blocks by name."""
    sheet = begin(
        book,
        PARAMETERS,
        Label("Parameters", "Parameetrid"),
        Label(
            "Every number that somebody decided. Change a yellow cell and all sheets follow; Python is not needed.",
            "Kõik otsustatud arvud. Kollase lahtri muutmisel arvutatakse kõik lehed ümber; Pythonit pole vaja.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {1: 52, 2: 18, 3: 14, 4: 12}
    sheet.freeze = "A5"
    row = add_parameter_rows(book, sheet, 5, _parameters(plan), handed_over=plan.room.open) + 1
    choices = (
        ("cost_words", Label("Cost is", "Kulu on"), COST_IS),
        ("failing_words", Label("Whoever fails a hurdle", "Kes läve ei ületa"), FAILING),
    )
    row = add_choice_rows(book, sheet, row, choices) + 1
    _add_star_points(book, sheet, row)
    for key, words in (("cost_is", "cost_words"), ("failing", "failing_words")):
        cell, listed = book.block(key), book.block(words)
        sheet.validations.append(
            Validation(
                f"B{cell.row}",
                "list",
                f"$B${listed.row}:$C${listed.row}",
                refusal="spending / performance" if key == "cost_is" else "last / zero-as-printed",
            )
        )
    return sheet


def _parameters(plan: Plan) -> list[Parameter]:
    options = plan.options

    def share(key: str, label: Label, value: float, why: Label, default: float) -> Parameter:
        return key, label, value, None, "percent1", why, PAPER if abs(value - default) < 1e-12 else USER

    def given(key: str, label: Label, value: float | None, why: Label, number_format: Format = "general") -> Parameter:
        return key, label, value, None, number_format, why, USER

    at_third = Label("Share of providers below it", "Kui suur osa osutajatest jääb allapoole")
    return [
        (
            "cost_is",
            Label("Cost is", "Kulu on"),
            options.cost_is,
            None,
            "text",
            Label(
                "spending: lower is better; performance: reference over spending, higher is better",
                "spending: väiksem on parem; performance: võrdlussumma jagatud kuluga, suurem on parem",
            ),
            USER,
        ),
        share(
            "weight_a",
            Label("Weight of quality, unconditional A", "Kvaliteedi kaal, tingimusteta A"),
            options.quality_weights[0],
            Label("The rest is the weight of cost performance", "Ülejäänu on kulutulemuse kaal"),
            0.7,
        ),
        share(
            "weight_b",
            Label("Weight of quality, unconditional B", "Kvaliteedi kaal, tingimusteta B"),
            options.quality_weights[1],
            Label("The paper shows both, 70 and 30 %", "Artiklis on mõlemad, 70 ja 30 %"),
            0.3,
        ),
        share(
            "quality_share_1",
            Label("Average quality begins at", "Keskmine kvaliteet algab"),
            options.quality_shares[0],
            at_third,
            1 / 3,
        ),
        share(
            "quality_share_2",
            Label("High quality begins at", "Kõrge kvaliteet algab"),
            options.quality_shares[1],
            at_third,
            2 / 3,
        ),
        share(
            "cost_share_1",
            Label("Average cost performance begins at", "Keskmine kulutulemus algab"),
            options.cost_shares[0],
            at_third,
            0.25,
        ),
        share(
            "cost_share_2",
            Label("High cost performance begins at", "Kõrge kulutulemus algab"),
            options.cost_shares[1],
            at_third,
            0.75,
        ),
        share(
            "quality_hurdle_share",
            Label("Quality hurdle at the percentile", "Kvaliteedilävi protsentiilil"),
            options.quality_hurdle_share,
            at_third,
            0.25,
        ),
        share(
            "cost_hurdle_share",
            Label("Cost hurdle at the percentile", "Kululävi protsentiilil"),
            options.cost_hurdle_share,
            Label("Of cost performance, so counted from the costliest", "Kulutulemuse järgi, alates kallimast"),
            0.25,
        ),
        given(
            "own_quality_hurdle",
            Label("Own quality hurdle", "Oma kvaliteedilävi"),
            options.own_quality_hurdle,
            Label("In units of quality; empty: the percentile above", "Kvaliteedi ühikutes; tühi: protsentiil"),
        ),
        given(
            "own_cost_hurdle",
            Label("Own cost hurdle", "Oma kululävi"),
            options.own_cost_hurdle,
            Label("In units of cost; empty: the percentile above", "Kulu ühikutes; tühi: protsentiil"),
        ),
        (
            "failing",
            Label("Whoever fails a hurdle", "Kes läve ei ületa"),
            options.failing,
            None,
            "text",
            Label(
                "last: below everybody who passes; zero-as-printed: 0 on the z scale, as in the paper",
                "last: kõigist läbinutest allpool; zero-as-printed: 0 z-skaalal nagu artiklis",
            ),
            HOUSE if options.failing == "last" else PAPER,
        ),
        share(
            "class_share_1",
            Label("Average efficiency begins at", "Keskmine tõhusus algab"),
            options.class_shares[0],
            Label(
                "Under every model alike, so that classes can be compared",
                "Kõigis mudelites samamoodi, et klasse saaks võrrelda",
            ),
            1 / 3,
        ),
        share(
            "class_share_2",
            Label("High efficiency begins at", "Kõrge tõhusus algab"),
            options.class_shares[1],
            at_third,
            2 / 3,
        ),
        given(
            "value",
            Label("What a unit of quality is worth, in money", "Kvaliteediühiku väärtus rahas"),
            options.value,
            Label(
                "Empty: no cost-effectiveness; nobody can guess it",
                "Tühi: kulutõhusust ei arvutata; seda ei saa arvata",
            ),
        ),
        given(
            "own_reference_quality",
            Label("Quality to compare with", "Võrdluskvaliteet"),
            options.reference_quality,
            Label("Empty: the mean of the providers", "Tühi: osutajate keskmine"),
        ),
        given(
            "own_reference_cost",
            Label("Spending to compare with", "Võrdluskulu"),
            options.reference_cost,
            Label("Empty: the mean of the providers", "Tühi: osutajate keskmine"),
        ),
        given(
            "error_correlation",
            Label("Correlation of the errors of quality and cost", "Kvaliteedi ja kulu vigade korrelatsioon"),
            options.error_correlation,
            Label(
                "Of cost performance in the unconditional model, of spending in cost-effectiveness",
                "Tingimusteta mudelis kulutulemuse, kulutõhususes kulu omaga",
            ),
        ),
        (
            "level",
            Label("Level of the intervals", "Usaldusvahemiku tase"),
            options.level,
            None,
            "percent1",
            Label("Needs standard errors of quality or cost", "Vajab kvaliteedi või kulu standardviga"),
            HOUSE,
        ),
        (
            "spread",
            Label("Half width of an interval in standard errors", "Vahemiku poollaius standardvigades"),
            _spread(options.level),
            "NORMSINV(AVERAGE(1,{level}))",
            "share",
            Label("Of the normal distribution", "Normaaljaotusest"),
            HOUSE,
        ),
        given(
            "star_floor",
            Label("Quality that counts as 0 for the stars", "Kvaliteet, mis tärnide jaoks on 0"),
            options.star_floor,
            Label("Total quality score 0", "Kvaliteediskoor 0"),
        ),
        given(
            "star_ceiling",
            Label("Quality that counts as full for the stars", "Kvaliteet, mis tärnide jaoks on täis"),
            options.star_ceiling,
            Label("Total quality score 100", "Kvaliteediskoor 100"),
        ),
        (
            "star_scale",
            Label("Full total quality score", "Täielik kvaliteediskoor"),
            100.0,
            None,
            "general",
            Label("Exhibits 10 and 11 count to 100", "Joonised 10 ja 11 loevad sajani"),
            PAPER,
        ),
        (
            "middle_star",
            Label("Stars for 0 points", "Tärne 0 punkti eest"),
            3.0,
            None,
            "general",
            Label("1 to 5 stars for -2 to 2 points", "1–5 tärni punktide -2 kuni 2 eest"),
            PAPER,
        ),
        (
            "efficiency_decimals",
            Label("Decimals kept of an efficiency", "Tõhususe komakohad"),
            EFFICIENCY_DECIMALS,
            None,
            "general",
            Label(
                "Only so that equal efficiencies tie, whatever their last bits; shown with fewer",
                "Vaid selleks, et võrdsed tõhusused viigistuksid, olgu viimased bitid mis tahes",
            ),
            HOUSE,
        ),
        (
            "cut_guard",
            Label("Guard of cut-offs (share of the spread)", "Klassipiiride täpsusvaru (osa haardest)"),
            CUT_GUARD,
            None,
            "general",
            Label(
                "So that a value at a cut-off is in the higher class in every program",
                "Et piiril olev väärtus oleks igas programmis kõrgemas klassis",
            ),
            HOUSE,
        ),
    ]


def _spread(level: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415

    return NormalDist().inv_cdf((1 + level) / 2)


def _add_star_points(book: Book, sheet: Sheet, row: int) -> None:
    """Add Exhibit 11: points by tenth of efficiency, from the lowest, and by tenth of quality."""
    title = Label(
        "Points of the stars (Exhibit 11): tenths of cost performance down, tenths of quality across",
        "Tärnide punktid (joonis 11): kulutulemuse kümnendikud alla, kvaliteedi kümnendikud paremale",
    )
    book.write(sheet, (row, 1), [[title]], "label")
    numbers = np.arange(1.0, 11.0)
    book.add(sheet, "star_column_no", (row + 1, 2), numbers.reshape(1, -1), kind="heading")
    book.add(sheet, "star_row_no", (row + 2, 1), numbers, kind="text", format="count")
    points = np.array(STAR_POINTS, dtype=float)
    book.add(sheet, "star_points_table", (row + 2, 2), points, kind="input")
