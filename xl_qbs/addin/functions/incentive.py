"""The equity incentive: points for what the disadvantaged groups get, and never for taking from the others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import RefusedError, RowsTogether
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.fairness_shared import (
    DONE_OF_GROUPS,
    FAIRNESS,
    GROUPS_VALUE,
    TARGET_OF_GROUPS,
    group_table,
    whole_number,
)
from xl_qbs.addin.functions.shared import choice
from xl_qbs.equity.gates import GateRules, gates
from xl_qbs.equity.incentive import (
    FORFEITS,
    STEPS,
    IncentiveRules,
    Targets,
    equity_points,
    frozen_prior,
    frozen_targets,
)
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_VALUES = ("adjusted", "raw")
_RESULTS = ("points", "groups", "reliability", "levelled-down")


def points_of_groups(
    done: Array,
    target: Array,
    before_done: Array,
    before_target: Array,
    disadvantaged: Array,
    threshold: float | None = None,
    benchmark: float | None = None,
    steps: str = "whole",
    values: str = "adjusted",
    forfeit: str = "never",
    smallest_group: float = GateRules.smallest_group,
    result: str = "points",
) -> NDArray[Any]:
    """Return the points of each provider, or of each of its groups a column."""
    wanted = choice(result, _RESULTS)
    if len({one.shape for one in (done, target, before_done, before_target)}) > 1:
        raise RefusedError(CellError.VALUE, "each range has a column for each group")
    if disadvantaged.size != done.shape[1]:
        raise RefusedError(CellError.VALUE, "disadvantaged: 1 or 0 for each group")
    if (threshold is None) != (benchmark is None):
        raise RefusedError(CellError.VALUE, "threshold and benchmark go together")
    if not np.isin(disadvantaged, (0.0, 1.0)).all():
        raise ArgumentError("disadvantaged: must be 1 or 0")
    before, now = group_table(before_done, before_target), group_table(done, target)
    rules = IncentiveRules(
        disadvantaged=tuple(now.groups[at] for at in np.flatnonzero(disadvantaged)),
        steps=choice(steps, STEPS),
        forfeit=choice(forfeit, FORFEITS),
    )
    prior = frozen_prior(before) if choice(values, _VALUES) == "adjusted" else None
    gate = GateRules(smallest_group=whole_number("smallest_group", smallest_group))
    passed = gates(before, gate), gates(now, gate)
    if threshold is None or benchmark is None:
        targets = frozen_targets(before, rules.disadvantaged, passed[0])
    else:
        targets = Targets(np.array([threshold]), np.array([benchmark]))
    found = equity_points(
        before, now, rules, targets=targets, passed_before=passed[0], passed_now=passed[1], prior=prior
    )
    if wanted == "points":
        return found.total
    of_groups = {"groups": found.points, "reliability": found.reliability, "levelled-down": found.levelled_down}
    return of_groups[wanted][:, 0]


_BEFORE_DONE = Argument(
    "before_done",
    Label(
        "Work done in the baseline, of the same providers and groups; 0 where a provider was not there.",
        "Baasperioodil tehtud töö, samad osutajad ja rühmad; 0, kui osutajat veel ei olnud.",
    ),
)
_BEFORE_TARGET = Argument(
    "before_target",
    Label(
        "Target population in the baseline, of the same providers and groups; 0 where a provider was not there.",
        "Sihtrühma suurus baasperioodil, samad osutajad ja rühmad; 0, kui osutajat veel ei olnud.",
    ),
)
_DISADVANTAGED = Argument(
    "disadvantaged",
    Label(
        "For each group, 1 if its care earns points and 0 if not. It is the fund's decision, so there is no default.",
        "Iga rühma kohta 1, kui selle ravi annab punkte, ja 0, kui mitte. See on tervisekassa otsus, vaikeväärtust ei "
        "ole.",
    ),
)
_THRESHOLD = Argument(
    "threshold",
    Label(
        "Coverage from which achievement earns points, a share; by default the median of the disadvantaged groups in "
        "the baseline.",
        "Hõlmatus, millest tase hakkab punkte andma, osa; vaikimisi ebasoodsas olukorras rühmade baasperioodi mediaan.",
    ),
    "number",
    None,
)
_BENCHMARK = Argument(
    "benchmark",
    Label(
        "Coverage at which points are full, above the threshold; by default what the best tenth of providers gave all "
        "their patients in the baseline. Goes with the threshold.",
        "Hõlmatus, mille juures punktid on täis, lävest suurem; vaikimisi see, mida parim kümnendik osutajaid andis "
        "baasperioodil kõigile patsientidele. Käib koos lävega.",
    ),
    "number",
    None,
)
_STEPS = Argument(
    "steps",
    Label(
        "whole (default; whole points as in Hospital Value-Based Purchasing) or smooth (without steps).",
        "whole (vaikimisi; täispunktid nagu programmis Hospital Value-Based Purchasing) või smooth (sujuvad).",
    ),
    "text",
    "whole",
)
_OF_VALUES = Argument(
    "values",
    Label(
        "What points are for: adjusted (default; coverage within group, adjusted with the prior of the baseline) or "
        "raw.",
        "Mille eest on punktid: adjusted (vaikimisi; rühma hõlmatus, kohandatud baasperioodi eeljaotusega) või raw "
        "(kohandamata).",
    ),
    "text",
    "adjusted",
)
_FORFEIT = Argument(
    "forfeit",
    Label(
        "Whether a group that did not gain loses all points where another group of the provider fell: never (default), "
        "beyond chance, or always (which punishes chance).",
        "Kas rühm, mis ei paranenud, kaotab punktid, kui osutaja teine rühm langes: never (vaikimisi; ei), beyond "
        "chance (kui langus on üle juhuse) või always (alati; karistab juhust).",
    ),
    "text",
    "never",
)
_SMALLEST = Argument(
    "smallest_group",
    Label(
        "Fewest patients of a group that is scored, a whole number from 1; 30 by default. A provider needs two such "
        "groups.",
        "Vähim patsientide arv hinnatavas rühmas, täisarv alates 1-st; vaikimisi 30. Osutajal on vaja kaht sellist "
        "rühma.",
    ),
    "number",
    float(GateRules.smallest_group),
)
_RESULT = Argument(
    "result",
    Label(
        "What is given: points (default; of each provider), or, a column a group, groups (their points), reliability, "
        "or levelled-down (TRUE where a gap narrowed only because the best group fell).",
        "Mida antakse: points (vaikimisi; osutaja punktid) või rühmad veergudes: groups (punktid), reliability "
        "(usaldusväärsus) või levelled-down (TRUE, kui lõhe kahanes vaid parima rühma languse tõttu).",
    ),
    "text",
    "points",
)

FUNCTIONS = (
    Function(
        name="QBS_EQUITY_POINTS",
        category=FAIRNESS,
        help=Label(
            "Points, 0 to 10, for the coverage of each provider's disadvantaged groups: the better of achievement and "
            "improvement over the baseline. Lowering another group earns nothing. #N/A where groups are too small.",
            "Punktid, 0-st 10-ni, osutaja ebasoodsas olukorras rühmade hõlmatuse eest: parem tasemest ja paranemisest "
            "pärast baasperioodi. Teise rühma langetamine ei anna midagi. #N/A, kui rühmad on liiga väikesed.",
        ),
        arguments=(
            DONE_OF_GROUPS,
            TARGET_OF_GROUPS,
            _BEFORE_DONE,
            _BEFORE_TARGET,
            _DISADVANTAGED,
            _THRESHOLD,
            _BENCHMARK,
            _STEPS,
            _OF_VALUES,
            _FORFEIT,
            _SMALLEST,
            _RESULT,
        ),
        call=RowsTogether(points_of_groups, (), ("done", "target", "before_done", "before_target")),
        shape="column",
        errors=(
            (
                CellError.NA,
                Label(
                    "Fewer than two groups of the provider, or no disadvantaged one, have enough patients; or the "
                    "ranges are empty.",
                    "Osutajal on alla kahe piisavalt suure rühma või ei ole ükski neist ebasoodsas olukorras; või on "
                    "vahemikud tühjad.",
                ),
            ),
            (
                CellError.NUM,
                Label(
                    "A count is negative or no whole number, no group is disadvantaged, the benchmark is not above the "
                    "threshold, or the baseline gives no targets (state them).",
                    "Arv on negatiivne või ei ole täisarv, ükski rühm ei ole ebasoodsas olukorras, siht ei ole lävest "
                    "suurem või ei anna baasperiood sihte (anna need ise).",
                ),
            ),
            GROUPS_VALUE,
        ),
        examples=(
            Example(
                '=QBS_EQUITY_POINTS(B2:C4, D2:E4, F2:G4, H2:I4, B1:C1, 0.47, 0.87, "whole", "raw")',
                {
                    "B1:C1": ((1, 0),),
                    "B2:C4": ((70, 90), (22, 90), (91, 90)),
                    "D2:E4": ((100, 100),) * 3,
                    "F2:G4": ((21, 90), (55, 90), (50, 90)),
                    "H2:I4": ((100, 100),) * 3,
                },
                ((7.0,), (0.0,), (10.0,)),
            ),
        ),
        source="docs/fairness.md; points of Hospital Value-Based Purchasing (76 FR 26490), whose hospitals I, L and B "
        "the example has",
    ),
)
