"""How a rank correlation and its interval stand on a sheet."""

from __future__ import annotations

from xl_qbs.diagnosis.association import RankCorrelation
from xl_qbs.sheets.model import Label

LOWER, HIGHER = Label("lower", "madalam"), Label("higher", "kõrgem")
NEITHER = Label("cannot be told", "ei saa öelda")


def interval_end(value: str, lists: str, *, upper: bool) -> str:
    """Return the formula of one end of a correlation's interval, that of Bonett and Wright by Fisher's z.

    Args:
        value: the cell of the correlation, no number where there is none.
        lists: the cell of the number of lists.
        upper: the upper end, or the lower.

    Of three lists nothing can be told, so it reaches from -1 to 1; of fewer there is none.
    """
    half = f"NORMSINV(AVERAGE(1,{{level}}))*SQRT((1+{value}^(1+1)/(1+1))/({lists}-(1+1+1)))"
    sign, most = ("+", "1") if upper else ("-", "0-1")
    far = f"IF(ABS({value})<1-{{band_guard}},TANH(ATANH({value}){sign}{half}),{value})"
    return f'IF(ISNUMBER({value}),IF({lists}>1+1+1,{far},{most}),"")'


def told(low: str, high: str, words: tuple[str, str, str]) -> str:
    """Return the formula of what an interval says, in words for lower, higher and neither."""
    lower, higher, neither = (f'"{one}"' for one in words)
    return f"IF(ISNUMBER({low}),IF({high}<0,{lower},IF({low}>0,{higher},{neither})),{neither})"


def label_of(one: RankCorrelation) -> Label:
    """Return what a correlation with the number of patients says of lists with more of them."""
    return LOWER if one.high < 0 else HIGHER if one.low > 0 else NEITHER
