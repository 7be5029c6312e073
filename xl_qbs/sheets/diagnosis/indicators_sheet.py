"""The sheet of indicators: which no longer tell lists apart, and which few patients are behind."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.diagnosis.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.diagnosis.next_steps_sheet import steps_of
from xl_qbs.sheets.diagnosis.plan import INDICATORS, Plan
from xl_qbs.sheets.frame import indicator_names, texts
from xl_qbs.sheets.model import Book, Label, Mark, Sheet


def add_indicators(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of indicators; coverage, cliffs, next steps and parameters must stand already."""
    result, found, steps = plan.result, plan.indicators, steps_of(plan)
    _, names = indicator_names(book, result.scheme)
    sheet = begin_rows(
        book,
        INDICATORS,
        Label("What the indicators still tell", "Mida indikaatorid veel ütlevad"),
        Label(
            "Topped out: nearly all lists reach it and hardly differ. Low burden: too many lists have few patients.",
            "Lakke jõudnud: peaaegu kõik saavutavad ega erine. Väike koormus: liiga paljudel on vähe patsiente.",
        ),
        Column("ind_name", Label("Indicator", "Indikaator"), texts(names), kind="text", format="text"),
        tab="BF8F00",
        width=44,
    )
    numbers = np.arange(1.0, len(names) + 1)

    def of(block: str) -> str:
        return f"INDEX({{{block}:all}},0,{{ind_no}})"

    target, done, covered = of("target"), of("done"), of("coverage")
    lists = "ROWS({list_no:all})"
    middle = [f"SMALL({target},INT(({lists}+1)/(1+1)))", f"SMALL({target},INT({lists}/(1+1))+1)"]
    strength = "INDEX({prior_strength:all},{ind_no},1)"
    trust = ",".join(f"{one}/({one}+{strength}+({one}+{strength}=0))" for one in middle)
    cut = "(1+1)*{trimmed}"
    mean = f"TRIMMEAN({covered},{cut})"
    variance = f"ROUND(TRIMMEAN({of('coverage_squared')},{cut})-{mean}^(1+1),{{variance_decimals}})"
    unserved = "(SUM({target:all})-SUM({done:all}))"
    columns = [
        Column("ind_no", Label("No.", "Nr"), numbers),
        Column("ind_topped", Label("Topped out (1 = yes)", "Lakke jõudnud (1 = jah)"), found.topped_out,
               "IF(AND({ind_reached}>={reached_by},{ind_variation}<={variation_up_to}),1,0)", "output"),
        Column("ind_low", Label("Low burden (1 = yes)", "Väike koormus (1 = jah)"), found.low_burden,
               "IF({ind_few}>={few_lists},1,0)", "output"),
        Column("ind_lists", Label("Lists with patients", "Sihtrühmaga nimistuid"), found.lists, f"COUNT({covered})"),
        Column("ind_overall", Label("Coverage of all patients", "Kõigi patsientide hõlmatus"), found.overall,
               f"SUM({done})/SUM({target})", format="percent1"),
        Column("ind_median", Label("Median coverage", "Mediaanhõlmatus"), found.median, f"MEDIAN({covered})",
               format="percent1"),
        Column("ind_tenth", Label("A tenth of lists up to", "Kümnendik nimistuid kuni"), found.tenth,
               f"PERCENTILE({covered},{{tenth}})", format="percent1"),
        Column("ind_quarter", Label("Three quarters up to", "Kolm neljandikku kuni"), found.upper_quarter,
               f"PERCENTILE({covered},{{three_quarters}})", format="percent1"),
        Column("ind_upper", Label("Nine tenths up to", "Üheksa kümnendikku kuni"), found.upper_tenth,
               f"PERCENTILE({covered},1-{{tenth}})", format="percent1"),
        Column("ind_reached", Label("Lists that reach the required coverage", "Nõutava saavutanud nimistuid"),
               found.reached,
               f"SUMPRODUCT(--({done}+{{threshold_guard}}>=INDEX({{required:all}},{{ind_no}},1)*{target}),--({target}>0))"
               "/{ind_lists}", format="percent1"),
        Column("ind_full", Label("Lists that served everybody", "Kõiki teenindanud nimistuid"), found.full,
               f"SUMPRODUCT(--({done}={target}),--({target}>0))/{{ind_lists}}", format="percent1"),
        Column("ind_variation", Label("Truncated coefficient of variation", "Kärbitud variatsioonikordaja"),
               found.variation, f"IF({mean}>0,SQRT(MAX(0,{variance}))/{mean},0)", format="share"),
        Column("ind_median_target", Label("Median target population", "Mediaansihtrühm"), found.median_target,
               f"MEDIAN({target})", format="decimal"),
        Column("ind_few", Label("Lists with few patients", "Väheste patsientidega nimistuid"), found.few,
               f'COUNTIF({target},"<"&{{fewest}})/{lists}', format="percent1"),
        Column("ind_reliability", Label("Median reliability n / (n + M)", "Mediaanusaldusväärsus n / (n + M)"),
               found.reliability, f"IF(ISNUMBER({strength}),AVERAGE({trust}),0)", format="percent1"),
        Column("ind_points", Label("Share of the points", "Osa punktidest"), found.share_of_points,
               "IF({total}>0,INDEX({points:all},{ind_no},1)/{total},0)", format="percent1"),
        Column("ind_weight", Label("Share of the weights", "Osa kaaludest"), found.share_of_weight,
               "IF(SUM({weight:all})>0,INDEX({weight:all},{ind_no},1)/SUM({weight:all}),0)", format="percent1"),
        Column("ind_unserved", Label("Share of all not served", "Osa kõigist teenindamata"), found.share_of_unserved,
               f"IF({unserved}>0,(SUM({target})-SUM({done}))/{unserved},0)", format="percent1"),
        Column("ind_first", Label("Lists whose first next step it is", "Nimistuid, mille esimene samm see on"),
               (steps.place == 1).sum(axis=0), f"COUNTIF({of('step_place')},1)"),
        Column("ind_reach", Label("Need-adjusted points in reach, mean", "Vajaduspõhiseid punkte võita, keskmine"),
               np.nansum(steps.next.potential, axis=0) / plan.lists, f"SUM({of('step_potential')})/{lists}",
               format="points"),
    ]  # fmt: skip
    column = add_columns(book, sheet, 2, columns)
    row = sheet.last_row + 2
    cuts = (
        ("tenth", Label("Tenth", "Kümnendik"), 0.1),
        ("three_quarters", Label("Three quarters", "Kolm neljandikku"), 0.75),
    )
    for place, (key, label, value) in enumerate(cuts):
        book.write(sheet, (row + place, 1), [[label]], "text")
        book.add(sheet, key, (row + place, 2), np.array([value]), kind="input", format="percent")
    note = Label(
        "An indicator may matter although all reach it, and dropping it may let it slip. The limits are yellow cells "
        "on the sheet of parameters; only the variation of 10 % is from a rule in use.",
        "Indikaator võib olla oluline, kuigi kõik selle saavutavad, ja väljajätmisel võib tase langeda. Piirid on "
        "parameetrite lehe kollastes lahtrites; vaid variatsioon 10 % on kasutuses olevast reeglist.",
    )
    book.write(sheet, (row + 3, 1), [[note]], "note")
    last = 6 + len(names)
    sheet.marks += [Mark(f"C7:D{last}", "C7=1", "warn")]
    # Achievement on the first page, burden and weight on the second.
    sheet.breaks = [13]
    sheet.widths |= dict.fromkeys(range(2, column), 13.5)
    sheet.scale = 64
    return sheet
