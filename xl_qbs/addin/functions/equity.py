"""Equity between groups of patients, and what social risk has to do with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import RefusedError, RowsTogether, Together
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import LEVEL, NOTHING
from xl_qbs.addin.functions.fairness_shared import (
    DONE_OF_GROUPS,
    FAIRNESS,
    GROUPS_NUM,
    GROUPS_VALUE,
    TARGET_OF_GROUPS,
    group_table,
    whole_number,
)
from xl_qbs.addin.functions.shared import CELL_VALUE, DONE, NO_SCIPY, TARGET, choice
from xl_qbs.equity.between_groups import between_groups
from xl_qbs.equity.gaps import gaps
from xl_qbs.equity.peer_groups import CENTRES, QUINTILES, peer_group, peer_scores
from xl_qbs.equity.standardized import standardise
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_MEASURES = ("difference", "ratio")


def gap(
    done: Array,
    target: Array,
    reference_done: Array,
    reference_target: Array,
    measure: str = "difference",
    level: float = 0.95,
) -> Array:
    """Return gap, low and high end side by side (below one another for a single row); NaN where a count is blank."""
    wanted = choice(measure, _MEASURES)
    known = ~np.isnan(target)
    pairs = [(done, reference_done), (target, reference_target)]
    x, n = (np.column_stack([own[known], _like(other, own)[known]]) for own, other in pairs)
    if np.isnan(x).any() or np.isnan(n).any():
        raise RefusedError(CellError.VALUE, "a group has counts and its reference has none")
    table = group_table(x, n)
    estimates = getattr(gaps(table, to=table.groups[1], level=level), wanted)
    parts = [np.full(target.shape, np.nan) for _ in estimates]
    for part, found in zip(parts, estimates, strict=True):
        part[known] = found[:, 0, 0]
    return np.vstack(parts) if target.shape[0] == 1 < target.shape[1] else np.hstack(parts)


def _like(reference: Array, own: Array) -> Array:
    """Return reference counts for each cell: one, or a row of one for each indicator, serves all providers."""
    if reference.shape not in {(1, 1), (1, own.shape[1]), own.shape}:
        raise RefusedError(CellError.VALUE, "the reference has other providers or indicators")
    return np.broadcast_to(reference, own.shape)


def between(done: Array, target: Array, level: float = 0.95) -> Array:
    """Return variance net of noise, the ends of its interval, and the p-value of no difference, side by side."""
    found = between_groups(group_table(done, target), level=level)
    return np.column_stack([found.net, *found.interval, found.p_value])


def standardized(done: Array, target: Array, level: float = 0.95) -> Array:
    """Return crude over expected coverage with its interval, and the two themselves, side by side."""
    found = standardise(group_table(done, target), level=level)
    return np.column_stack([*found.ratio, found.crude, found.expected])


def peers(share: Array, groups: float = QUINTILES) -> NDArray[np.intp]:
    """Return the peer group of each provider."""
    return peer_group(share, groups=whole_number("groups", groups))


def beside_peers(score: Array, share: Array, groups: float = QUINTILES, centre: str = "mean") -> Array:
    """Return each score as it is and adjusted to the peer group, side by side."""
    wanted = choice(centre, CENTRES)
    found, _ = peer_scores(score, share, groups=whole_number("groups", groups), centre=wanted)
    return np.column_stack([found.score, found.adjusted])


_REFERENCE_DONE = Argument(
    "reference_done",
    Label(
        "Work done for the group to compare with, which has to be other patients: a range like the first, or one row "
        "or one cell for all.",
        "Tehtud töö rühmas, millega võrreldakse (peavad olema teised patsiendid): esimesega sama kujuga või üks rida "
        "või lahter kõigile.",
    ),
)
_REFERENCE_TARGET = Argument(
    "reference_target",
    Label(
        "Target population of the group to compare with, from 0; a range like its work done.",
        "Selle rühma sihtrühma suurus, millega võrreldakse, alates 0-st; sama kujuga kui tehtud töö.",
    ),
)
_MEASURE = Argument(
    "measure",
    Label(
        "difference (default; coverage less that of the reference) or ratio (coverage over that of the reference).",
        "difference (vaikimisi; hõlmatus miinus teise rühma hõlmatus) või ratio (hõlmatus jagatud teise rühma "
        "hõlmatusega).",
    ),
    "text",
    "difference",
)
_SHARE = Argument(
    "share",
    Label(
        "Share of each provider's patients at social risk, 0 to 1.",
        "Sotsiaalse riskiga patsientide osa igal osutajal, 0-st 1-ni.",
    ),
)
_GROUPS = Argument(
    "groups",
    Label(
        "Number of peer groups, a whole number from 2; 5 by default. Each needs 3 providers.",
        "Võrdlusrühmade arv, täisarv alates 2-st; vaikimisi 5. Igaühes on vaja 3 osutajat.",
    ),
    "number",
    float(QUINTILES),
)
_SCORE = Argument(
    "score",
    Label(
        "Score of each provider, higher is better: a column or a row.",
        "Iga osutaja skoor, suurem on parem: veerg või rida.",
    ),
)
_CENTRE = Argument(
    "centre",
    Label(
        "What stands for the peers: mean (default) or median.",
        "Mis võrdlusrühma esindab: mean (vaikimisi; keskmine) või median (mediaan).",
    ),
    "text",
    "mean",
)
_NOBODY = (
    CellError.NA,
    Label(
        "A group or its reference has no patients, or the ranges are empty. Error values in them pass through.",
        "Rühmal või teisel rühmal ei ole patsiente või on vahemikud tühjad. Neis olevad veaväärtused kanduvad edasi.",
    ),
)
_TOO_FEW_PATIENTS = (
    CellError.NA,
    Label(
        "Fewer than two groups of the provider have two patients, or everybody or nobody was served in all of them "
        "(then there is no interval).",
        "Osutajal on vähem kui kaks vähemalt kahe patsiendiga rühma või said kõigis rühmades teenuse kõik või mitte "
        "keegi (siis vahemikku ei ole).",
    ),
)
_NOTHING_EXPECTED = (
    CellError.NA,
    Label(
        "The provider has no patients, nothing was done in any of its groups anywhere, or the ranges are empty.",
        "Osutajal ei ole patsiente, tema rühmades ei ole kusagil midagi tehtud või on vahemikud tühjad.",
    ),
)
_PEERS_NUM = (
    CellError.NUM,
    Label(
        "A share is outside 0 to 1, or there are fewer than 2 groups or fewer than 3 providers a group.",
        "Osa ei ole 0 ja 1 vahel, võrdlusrühmi on alla 2 või osutajaid rühma kohta alla 3.",
    ),
)
_PEERS_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has one number but not the other; the ranges differ "
        "in shape; or an option is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutajal on üks arv, aga teist ei ole; vahemikud on eri kujuga; või "
        "ei ole valik nimetatute seas.",
    ),
)
# Admissions to Berkeley, 1973, by department: men, women (Bickel, Hammel and O'Connell 1975).
_ADMITTED = ((512, 353, 120, 138, 53, 22), (89, 17, 202, 131, 94, 24))
_APPLIED = ((825, 560, 325, 417, 191, 373), (108, 25, 593, 375, 393, 341))
_SHARES = {"B2:B7": ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,), (0.5,))}

FUNCTIONS = (
    Function(
        name="QBS_GAP",
        category=FAIRNESS,
        help=Label(
            "Gap in coverage between a group and another, its low and high end side by side; below 0, or as a ratio "
            "below 1, the group fares worse. Small groups have large gaps by chance: read the interval.",
            "Lõhe rühma ja teise rühma hõlmatuse vahel ning selle alumine ja ülemine piir kõrvuti; alla 0 (suhtena "
            "alla 1) on rühm halvemas seisus. Väikestel rühmadel on suur lõhe ka juhuslik: vaata piire.",
        ),
        arguments=(DONE, TARGET, _REFERENCE_DONE, _REFERENCE_TARGET, _MEASURE, LEVEL),
        call=Together(gap),
        shape="same",
        errors=(
            _NOBODY,
            (
                CellError.NUM,
                Label(
                    "A count is negative or no whole number, the level is not between 0 and 1, or the reference of a "
                    "ratio is 0 (then it has no end).",
                    "Arv on negatiivne või ei ole täisarv, tõenäosus ei ole 0 ja 1 vahel või on suhte võrdlus 0 (siis "
                    "ei ole sel lõppu).",
                ),
            ),
            CELL_VALUE,
        ),
        examples=(
            Example(
                "=QBS_GAP(B2:B3, C2:C3, D2:D3, E2:E3)",
                {"B2:B3": ((48,), (1,)), "C2:C3": ((80,), (34,)), "D2:D3": ((56,), (7,)), "E2:E3": ((70,), (34,))},
                (
                    (-0.2, -0.3338726540369059, -0.05243147240236498),
                    (-6 / 34, -0.3403686870327074, -0.018921443885773048),
                ),
            ),
            Example(
                '=QBS_GAP(D3, E3, B3, C3, "ratio")',
                {"B3": ((1,),), "C3": ((34,),), "D3": ((7,),), "E3": ((34,),)},
                ((7.0, 1.153668689233681, 41.976261672517545),),
            ),
        ),
        source="Newcombe (1998), method 10, and Donner and Zou (2012), with Wilson's intervals",
    ),
    Function(
        name="QBS_BETWEEN_GROUP_VARIANCE",
        category=FAIRNESS,
        help=Label(
            "How far the groups of each provider differ: variance of coverage between them, net of what chance makes, "
            "its low and high end, and the p-value of no difference, side by side.",
            "Kui palju iga osutaja rühmad erinevad: rühmadevaheline hõlmatuse dispersioon ilma juhuslikkuse osata, "
            "selle alumine ja ülemine piir ning p-väärtus (erinevust ei ole), kõrvuti.",
        ),
        arguments=(DONE_OF_GROUPS, TARGET_OF_GROUPS, LEVEL),
        call=RowsTogether(between, (), ("done", "target")),
        shape="rows",
        errors=(_TOO_FEW_PATIENTS, GROUPS_NUM, GROUPS_VALUE, NO_SCIPY),
        examples=(
            Example(
                "=QBS_BETWEEN_GROUP_VARIANCE(B2:E2, F2:I2)",
                {"B2:E2": ((83, 90, 129, 70),), "F2:I2": ((86, 93, 136, 82),)},
                ((0.0014105308800025753, 0.000156918960495, 0.004183957583964, 0.005585476661627),),
                within=1e-8,
            ),
        ),
        source="Harper and Lynch (2005); noise by the method of moments; chi-square of homogeneity",
        needs=("scipy",),
    ),
    Function(
        name="QBS_STANDARDIZED_RATIO",
        category=FAIRNESS,
        help=Label(
            "Coverage of each provider over what its groups get everywhere: ratio, low, high, crude and expected "
            "coverage, side by side. Show all: the ratio alone hides that a group gets less everywhere.",
            "Osutaja hõlmatus jagatud sellega, mida tema rühmad saavad kõikjal: suhe, alumine ja ülemine piir, "
            "kohandamata ja oodatav hõlmatus kõrvuti. Näita kõiki: suhe üksi peidab, et mõni rühm saab kõikjal vähem.",
        ),
        arguments=(DONE_OF_GROUPS, TARGET_OF_GROUPS, LEVEL),
        call=RowsTogether(standardized, (), ("done", "target")),
        shape="rows",
        errors=(_NOTHING_EXPECTED, GROUPS_NUM, GROUPS_VALUE, NO_SCIPY),
        examples=(
            Example(
                "=QBS_STANDARDIZED_RATIO(B2:G3, H2:M3)",
                {"B2:G3": _ADMITTED, "H2:M3": _APPLIED},
                (
                    (0.987343243188423, 0.9459010511716197, 1.0291320094761311, 1198 / 2691, 0.4508945249286605),
                    (1.0283529396782458, 0.9585337164093206, 1.1009529911452487, 557 / 1835, 0.2951732062217844),
                ),
            ),
        ),
        source="Indirect standardisation by group; the interval is Wilson's of the crude coverage",
        needs=("scipy",),
    ),
    Function(
        name="QBS_PEER_GROUP",
        category=FAIRNESS,
        help=Label(
            "Peer group of each provider by its share of patients at social risk, 1 (lowest share) to 5 or as many as "
            "asked for; equal shares are in one group. Give all providers.",
            "Iga osutaja võrdlusrühm sotsiaalse riskiga patsientide osa järgi, 1 (väikseim osa) kuni 5 või soovitud "
            "arv; võrdsed osad on ühes rühmas. Anna kõik osutajad.",
        ),
        arguments=(_SHARE, _GROUPS),
        call=RowsTogether(peers, ("share",)),
        shape="same",
        errors=(_PEERS_NUM, _PEERS_VALUE, NOTHING),
        examples=(Example("=QBS_PEER_GROUP(B2:B7, 2)", _SHARES, ((1,), (1,), (1,), (2,), (2,), (2,))),),
        source="Peer groups by share of patients with Medicaid in the US Hospital Readmissions Reduction Program",
    ),
    Function(
        name="QBS_PEER_SCORES",
        category=FAIRNESS,
        help=Label(
            "Each score as it is and adjusted, side by side: less the mean of its peer group by social risk, plus that "
            "of all. Never show the adjusted one alone: it hides what the groups lack.",
            "Iga skoor muutmata ja kohandatuna kõrvuti: miinus sotsiaalse riski võrdlusrühma keskmine, pluss kõigi "
            "keskmine. Ära näita kohandatud skoori üksi: see peidab, millest rühmad ilma jäävad.",
        ),
        arguments=(_SCORE, _SHARE, _GROUPS, _CENTRE),
        call=RowsTogether(beside_peers, ("score", "share")),
        shape="rows",
        errors=(
            (
                CellError.NA,
                Label(
                    "The peer group has fewer than 3 providers, or the ranges are empty.",
                    "Võrdlusrühmas on alla 3 osutaja või on vahemikud tühjad.",
                ),
            ),
            _PEERS_NUM,
            _PEERS_VALUE,
        ),
        examples=(
            Example(
                "=QBS_PEER_SCORES(C2:C7, B2:B7, 2)",
                {"C2:C7": ((10,), (20,), (30,), (40,), (50,), (90,)), **_SHARES},
                ((10.0, 30.0), (20.0, 40.0), (30.0, 50.0), (40.0, 20.0), (50.0, 30.0), (90.0, 70.0)),
            ),
        ),
        source="docs/fairness.md; the US Hospital Readmissions Reduction Program compares with the peers' median",
    ),
)
