"""Loadings and weights of the first principal component."""

from __future__ import annotations

import numpy as np

from xl_qbs.addin.calls import RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.shared import DECIMALS, REPORT, ROUNDING, WEIGHTS
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array
from xl_qbs.scoring.weights import ROUNDINGS, component_weights, first_component, round_weights, tie_order
from xl_qbs.sheets.model import Label


def loadings(coverage: Array, decimals: float | None = None) -> Array:
    """Return the loadings of the first component, shape (k,)."""
    if not (np.isnan(coverage) | ((coverage >= 0) & (coverage <= 1))).all():
        raise ArgumentError("coverage: must be shares from 0 to 1")
    return first_component(coverage, _decimals(decimals)).loadings


def weights(
    coverage: Array, points: Array, rounding: str = "largest-remainder", decimals: float | None = None
) -> Array:
    """Return weights in proportion to the loadings, shape (k,), that share out the sum of the points."""
    rule = next((one for one in ROUNDINGS if one == rounding.casefold()), None)
    if rule is None:
        raise RefusedError(CellError.VALUE, f"there is no rounding {rounding!r}")
    each = points.ravel()
    if np.isnan(each).any() or len(each) not in {1, coverage.shape[1]}:
        raise RefusedError(CellError.VALUE, "points: one for each indicator, or their total")
    if not (each >= 0).all():
        raise ArgumentError("points: must be numbers from 0")
    exact = component_weights(loadings(coverage, decimals), float(each.sum()))
    # Ties go to more points, then to the earlier column: ranges have no codes.
    ties = tie_order([f"{column:06d}" for column in range(len(exact))], list(np.broadcast_to(each, exact.shape)))
    return round_weights(exact, rule, ties)


def _decimals(decimals: float | None) -> int | None:
    if decimals is not None and (not 0 <= decimals <= 9 or decimals != int(decimals)):
        raise ArgumentError(f"decimals == {decimals}, must be from 0 to 9")
    return None if decimals is None else int(decimals)


_COVERAGE = Argument(
    "coverage",
    Label(
        "Coverage, a row a list and a column an indicator, shares from 0 to 1; lists with a blank or #N/A are left "
        "out.",
        "Hõlmatus, reas nimistu ja veerus indikaator, osad 0-st 1-ni; tühja lahtri või #N/A-ga nimistud jäävad välja.",
    ),
)
_POINTS = Argument(
    "points",
    Label(
        "Points of each indicator in the scheme, or their total alone. Their sum is shared out.",
        "Iga indikaatori punktid skeemis või ainult nende summa. Jagatakse ära nende summa.",
    ),
)
_NONE = (
    CellError.NUM,
    Label(
        "Fewer than 3 complete lists, no indicator that varies, loadings that sum to 0, or a share outside 0 to 1.",
        "Täielikke nimistuid on alla 3, ükski indikaator ei varieeru, laadungite summa on 0 või osa ei ole 0 ja 1 "
        "vahel.",
    ),
)
_TEXT = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE, or an option is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus või ei ole valik nimetatute seas.",
    ),
)
_PASSED = (
    CellError.NA,
    Label(
        "The range is empty. Other error values in it pass through.",
        "Vahemik on tühi. Muud veaväärtused kanduvad edasi.",
    ),
)
_LISTS = {"B2:D6": ((0.5, 0.6, 0.8), (0.7, 0.75, 0.9), (0.6, 0.8, 0.85), (0.9, 0.85, 0.95), (0.8, 0.9, 0.85))}

FUNCTIONS = (
    Function(
        name="QBS_PC_LOADINGS",
        category=WEIGHTS,
        help=Label(
            "Loadings of the first principal component of the indicators' coverages (of their correlations): a row of "
            "unit length with a positive sum.",
            "Indikaatorite hõlmatuste (korrelatsioonide) esimese peakomponendi laadungid: ühikpikkusega rida, mille "
            "summa on positiivne.",
        ),
        arguments=(_COVERAGE, DECIMALS),
        call=Together(loadings, undefined=("coverage",)),
        shape="row",
        errors=(_NONE, _TEXT, _PASSED),
        examples=(
            Example("=QBS_PC_LOADINGS(B2:D6)", _LISTS, ((0.6206674894740526, 0.5532180618506767, 0.5556272523483327),)),
        ),
        source=f"{REPORT}, Part A section 2",
    ),
    Function(
        name="QBS_PC_WEIGHTS",
        category=WEIGHTS,
        help=Label(
            "Principal-component weights of the indicators: the points shared out in proportion to the loadings. A "
            "negative loading gets 0.",
            "Indikaatorite peakomponendi kaalud: punktid jagatud võrdeliselt laadungitega. Negatiivne laadung annab 0.",
        ),
        arguments=(_COVERAGE, _POINTS, ROUNDING, DECIMALS),
        call=Together(weights, undefined=("coverage",)),
        shape="row",
        errors=(_NONE, _TEXT, _PASSED),
        examples=(
            Example("=QBS_PC_WEIGHTS(B2:D6, B1:D1)", {**_LISTS, "B1:D1": ((65, 10, 25),)}, ((36.0, 32.0, 32.0),)),
        ),
        source=f"{REPORT}, Table 2",
    ),
)
