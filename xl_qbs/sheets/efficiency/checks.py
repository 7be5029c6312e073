"""The checks of an efficiency book: numbers that have to equal others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xl_qbs.sheets.checks_sheet import Check, add_check_sheet
from xl_qbs.sheets.efficiency.data_sheet import SPENDING
from xl_qbs.sheets.efficiency.plan import TITLES, Plan
from xl_qbs.sheets.model import Book, Label, Sheet, SourceBlock

_EXACT = 1e-9
# Sums of thousands of numbers may differ by this share in their last bits.
_SUMS = 1e-9
# Yellow cells that have to hold a number, and those that may be empty.
_NEEDED = (
    "weight_a",
    "weight_b",
    "quality_share_1",
    "quality_share_2",
    "cost_share_1",
    "cost_share_2",
    "quality_hurdle_share",
    "cost_hurdle_share",
    "class_share_1",
    "class_share_2",
    "error_correlation",
    "level",
    "star_floor",
    "star_ceiling",
    "star_scale",
    "middle_star",
    "efficiency_decimals",
    "cut_guard",
)
_OPTIONAL = ("own_quality_hurdle", "own_cost_hurdle", "value", "own_reference_quality", "own_reference_cost")
# What has to hold of them; an empty cell counts as 0 here, and a text as more than any number.
_RANGES = (
    "{weight_a}>=0",
    "{weight_a}<=1",
    "{weight_b}>=0",
    "{weight_b}<=1",
    "{quality_share_1}>0",
    "{quality_share_1}<{quality_share_2}",
    "{quality_share_2}<1",
    "{cost_share_1}>0",
    "{cost_share_1}<{cost_share_2}",
    "{cost_share_2}<1",
    "{class_share_1}>0",
    "{class_share_1}<{class_share_2}",
    "{class_share_2}<1",
    "{quality_hurdle_share}>0",
    "{quality_hurdle_share}<1",
    "{cost_hurdle_share}>0",
    "{cost_hurdle_share}<1",
    "{level}>0",
    "{level}<1",
    "ABS({error_correlation})<=1",
    "{value}>=0",
    "{own_reference_cost}>=0",
    f'OR({{own_cost_hurdle}}="",{{own_cost_hurdle}}>0,NOT({SPENDING}))',
    "{star_floor}<{star_ceiling}",
    "{star_scale}>0",
    "{efficiency_decimals}>=0",
    "{efficiency_decimals}=INT({efficiency_decimals})",
    "{efficiency_decimals}<(1+1)^(1+1+1+1)",
    "{cut_guard}>=0",
    "{cut_guard}<1",
)


def add_checks(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of checks; all others must stand already."""
    sheet = add_check_sheet(book, _checks(book, plan), _as_written(plan), open_room=plan.room.open)
    if plan.room.open:
        _tell_unusable(book, sheet)
    return sheet


def _tell_unusable(book: Book, sheet: Sheet) -> None:
    """Let a template's flag fail, not say that there are no data, where there are rows and none can be used."""
    flag = book.block("master")
    told = replace(flag, formula=f"IF(ISNUMBER({{unusable}}),IF({{unusable}}>0,0,{flag.formula}),0)")
    sheet.blocks[sheet.blocks.index(flag)] = book.named["master"] = told


def _checks(book: Book, plan: Plan) -> list[Check]:
    found = plan.analysis
    count = 0.0 if plan.empty else float(len(plan.providers))
    there = 0.0 if plan.empty else 1.0
    checks = [
        Check(
            Label(
                "Providers with quality and cost, as many as were read",
                "Kvaliteedi ja kuluga osutajaid, niipalju kui loeti",
            ),
            count,
            "{lists}",
            count,
            must="{lists}",
        ),
        Check(
            Label("Mean of the z scores of quality", "Kvaliteedi z-skooride keskmine"),
            0.0,
            _some(plan, "AVERAGE({z_quality:all})"),
            0.0,
            _EXACT,
        ),
        Check(
            Label("Their standard deviation", "Nende standardhälve"),
            there,
            _some(plan, "STDEV({z_quality:all})"),
            there,
            _EXACT,
            must="MIN(1,{lists})",
        ),
        Check(
            Label("Mean of the z scores of cost performance", "Kulutulemuse z-skooride keskmine"),
            0.0,
            _some(plan, "AVERAGE({z_cost:all})"),
            0.0,
            _EXACT,
        ),
        Check(
            Label("Their standard deviation", "Nende standardhälve"),
            there,
            _some(plan, "STDEV({z_cost:all})"),
            there,
            _EXACT,
            must="MIN(1,{lists})",
        ),
    ]
    checks.append(
        Check(
            Label("At least 3 providers (1 = yes)", "Vähemalt 3 osutajat (1 = jah)"),
            there,
            "IF({lists}>1+1,1,0)",
            there,
            must="MIN(1,{lists})",
        )
    )
    if plan.room.open:
        label = Label(
            "Rows of the data that cannot be used (see the messages there)",
            "Andmete ridu, mida ei saa kasutada (vaadake sealseid teateid)",
        )
        checks.append(Check(label, 0.0, "{unusable}", 0.0))
    else:
        label = Label("Providers whose spending is not above 0", "Osutajaid, kelle kulu ei ole üle 0")
        checks.append(Check(label, 0.0, f"IF({SPENDING},SUMPRODUCT(--({{cost:all}}<=0)),0)", 0.0))
    checks += _parameter_checks(book)
    if plan.sources is not None:
        checks += _source_checks(book)
    for key in plan.columns:
        if key == "regression":
            continue
        optional = plan.room.open and key in _NOT_ALWAYS
        has = 0.0 if plan.empty else float((~np.isnan(found.efficiencies[key])).sum())
        title = TITLES[key]
        label = Label(f"Providers with an efficiency: {title.en}", f"Tõhususega osutajaid: {title.et}")
        must = f"IF(COUNT({{eff_{key}:all}})=0,0,{{lists}})" if optional else "{lists}"
        checks.append(Check(label, has, f"COUNT({{eff_{key}:all}})", has, must=must))
    checks += _model_checks(plan)
    return checks


def _some(plan: Plan, formula: str) -> str:
    return f"IF({{lists}}>1,{formula},0)" if plan.room.open else formula


# In a template these stay empty as long as data or parameters do not allow them.
_NOT_ALWAYS = ("cost_effectiveness", "envelopment", "free_disposal", "frontier_moments")


def _parameter_checks(book: Book) -> list[Check]:
    points = book.block("star_points_table").values.size
    needed = ",".join(f"{{{key}}}" for key in _NEEDED)
    optional = ",".join(f"{{{key}}}" for key in _OPTIONAL)
    return [
        Check(
            Label(
                "Words for cost and for failing a hurdle that are known (2 = both)",
                "Teada sõnu kulu ja läve ületamata jätmise kohta (2 = mõlemad)",
            ),
            2.0,
            "SUMPRODUCT(--({cost_words:all}={cost_is}))+SUMPRODUCT(--({failing_words:all}={failing}))",
            2.0,
        ),
        Check(
            Label(
                "Parameters and points of the stars that are numbers", "Parameetreid ja tärnide punkte, mis on arvud"
            ),
            float(len(_NEEDED) + points),
            f"COUNT({needed},{{star_points_table:all}})",
            float(len(_NEEDED) + points),
        ),
        Check(
            Label(
                "Parameters that may be empty and are neither that nor a number",
                "Parameetreid, mis võivad olla tühjad, aga pole tühjad ega arvud",
            ),
            0.0,
            f"COUNTA({optional})-COUNT({optional})",
            0.0,
        ),
        Check(
            Label("Parameters within their range (1 = all)", "Parameetrid lubatud vahemikus (1 = kõik)"),
            1.0,
            f"IFERROR(IF(AND({','.join(_RANGES)}),1,0),0)",
            1.0,
        ),
    ]


def _source_checks(book: Book) -> list[Check]:
    checks = []
    for key, label in (
        ("quality", Label("Quality in your sheet and here, difference", "Kvaliteet teie lehel ja siin, erinevus")),
        ("cost", Label("Cost in your sheet and here, difference", "Kulu teie lehel ja siin, erinevus")),
    ):
        source = book.find(f"source_{key}")
        if not isinstance(source, SourceBlock):
            continue
        rows = source.cell_rows[:, 0]
        if len(rows) and int(rows.max() - rows.min()) + 1 == len(rows):
            checks.append(Check(label, 0.0, f"SUM({{source_{key}:all}})-SUM({{{key}:all}})", 0.0, _EXACT))
    return checks


def _model_checks(plan: Plan) -> list[Check]:
    found = plan.analysis
    count = 0.0 if plan.empty else float(len(plan.providers))
    there = 0.0 if plan.empty else 1.0
    checks = []
    if found.unconditional:
        checks.append(
            Check(
                Label("Mean of unconditional A", "Tingimusteta A keskmine"),
                0.0,
                _some(plan, "AVERAGE({unconditional_a:all})"),
                0.0,
                _EXACT,
            )
        )
    if found.conditional:
        checks.append(
            Check(
                Label("Providers in the three classes of quality", "Osutajaid kolmes kvaliteediklassis"),
                count,
                "SUM(COUNTIF({quality_class:all},0),COUNTIF({quality_class:all},1),COUNTIF({quality_class:all},1+1))",
                count,
                must="{lists}",
            )
        )
    for key, hurdle in (("quality_hurdle", found.quality_hurdle), ("cost_hurdle", found.cost_hurdle)):
        if hurdle is not None:
            title = TITLES[key]
            below = (
                float((~hurdle.passed & (hurdle.efficiency >= hurdle.efficiency[hurdle.passed].min())).sum())
                if (hurdle.passed.any() and found.options.failing == "last")
                else 0.0
            )
            checks.append(
                Check(
                    Label(f"{title.en}: somebody passes (1 = yes)", f"{title.et}: keegi läbib (1 = jah)"),
                    there,
                    f"IF(COUNT({{{key}_passing:all}})>0,1,0)",
                    there,
                    must="MIN(1,{lists})",
                )
            )
            checks.append(
                Check(
                    Label(
                        f"{title.en}: providers that fail and stand above one that passes",
                        f"{title.et}: läbikukkunuid, kes on mõnest läbinust eespool",
                    ),
                    below,
                    f"IF(AND({{failing}}=INDEX({{failing_words:all}},1,1),COUNT({{{key}_passing:all}})>0),"
                    f"SUMPRODUCT(({{{key}_passed:all}}=0)*({{{key}:all}}>=MIN({{{key}_passing:all}}))*{{present:all}}),0)",
                    0.0,
                )
            )
    if found.envelopment is not None:
        checks.append(
            Check(
                Label("Best efficiency by envelopment", "Parim tõhusus rajaanalüüsis"),
                there,
                "MAX({envelopment:all})",
                there,
                _EXACT,
                must="IF(COUNT({envelopment:all})>0,1,0)",
            )
        )
    if found.envelopment is not None and found.free_disposal is not None:
        checks.append(
            Check(
                Label(
                    "Providers less efficient by the hull than by envelopment",
                    "Osutajaid, kelle tõhusus on raja järgi väiksem",
                ),
                0.0,
                "IF(COUNT({envelopment:all})={lists},"
                "SUMPRODUCT(--({eff_free_disposal:all}+{cut_guard}<{eff_envelopment:all})),0)"
                if not plan.room.open
                else "IF(COUNT({envelopment:all})>0,"
                "SUMPRODUCT(({present:all}=1)*({eff_free_disposal:all}<{eff_envelopment:all})),0)",
                0.0,
            )
        )
    if found.stars is not None:
        checks.append(
            Check(
                Label("Providers in the cells of the stars", "Osutajaid tärnide lahtrites"),
                count,
                "SUM({star_count:all})",
                count,
                must="IF({stars_ready}=1,{lists},0)",
            )
        )
        checks.append(
            Check(
                Label("Providers with 1 to 5 stars", "Osutajaid 1 kuni 5 tärniga"),
                count,
                "SUM({providers_by_stars:all})",
                count,
                must="IF({stars_ready}=1,{lists},0)",
            )
        )
    return checks


def _as_written(plan: Plan) -> list[Check]:
    """Return sums that hold as long as data and parameters are what the program saw."""
    found = plan.analysis
    rows = [
        ("quality", Label("Quality", "Kvaliteet"), found.given.quality),
        ("performance", Label("Cost performance", "Kulutulemus"), found.performance),
    ]
    rows += [(f"eff_{key}", TITLES[key], values) for key, values in found.efficiencies.items()]
    checks = []
    for key, title, values in rows:
        total = float(np.nansum(values))
        tolerance = _SUMS * max(1.0, float(np.nansum(np.abs(values))))
        label = Label(f"Sum: {title.en}", f"Summa: {title.et}")
        checks.append(Check(label, total, f"SUM({{{key}:all}})", total, tolerance))
    return checks
