"""Data envelopment and the stochastic frontier, against published numbers."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

import numpy as np
import pytest

from tests.addin.formula_help import block, call, column, name_and_arguments
from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import MISSING, CellError
from xl_qbs.addin.functions.frontiers import _REMARKS
from xl_qbs.efficiency import frontier, frontier_likelihood

NA, NUM, VALUE, REF = CellError.NA, CellError.NUM, CellError.VALUE, CellError.REF
INPUTS, OUTPUTS = ((2, 5), (2, 4), (6, 6), (3, 2), (6, 2)), [1, 2, 3, 1, 2]


def oracle(shared: Path, name: str) -> Any:
    with (shared / "oracles" / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {heading: np.array([float(row[heading]) for row in rows]) for heading in rows[0]}


def numbers(cells: Any) -> Any:
    return np.array([row[0] for row in cells], dtype=float)


@pytest.mark.shared
class TestPublished:
    def test_five_units(self, shared: Path) -> None:
        units = oracle(shared, "dea_5_units.csv")
        inputs = np.column_stack([units["input_1"], units["input_2"]])
        found = call("QBS_DEA", block(inputs), units["output_1"].tolist())
        assert numbers(found) == pytest.approx(units["crs_input_efficiency"], abs=5e-10)

    @pytest.mark.parametrize(("returns", "name"), [("constant", "crs"), ("variable", "vrs")])
    def test_eleven_units(self, shared: Path, returns: str, name: str) -> None:
        units = oracle(shared, "dea_11_units.csv")
        inputs = np.column_stack([units["input_1"], units["input_2"]])
        found = call("QBS_DEA", block(inputs), units["output_1"].tolist(), returns, "input")
        assert numbers(found) == pytest.approx(units[f"{name}_input_efficiency"], abs=5e-7)

    def test_frontier_41(self, shared: Path) -> None:
        firms = oracle(shared, "sfa_front41_60_firms.csv")
        outcome = np.log(firms["output"]).tolist()
        inputs = block(np.log(np.column_stack([firms["capital"], firms["labour"]])))
        # The program's own search stops a little before the maximum.
        efficiency = numbers(call("QBS_SFA", outcome, inputs))
        assert efficiency == pytest.approx(firms["te_frontier41"], abs=1e-4)
        table = call("QBS_SFA", outcome, inputs, None, None, None, "estimates")
        estimates = {str(row[0]): row[1] for row in table[1:]}
        printed = {
            "Intercept": 0.56161963,
            "Input 1": 0.28110205,
            "Input 2": 0.53647981,
            "Sigma squared": 0.21700046,
            "Gamma": 0.79720730,
            "Mean efficiency": 0.74056772,
        }
        assert {name: estimates[name] for name in printed} == pytest.approx(printed, abs=5e-5)
        assert estimates["Log likelihood"] == pytest.approx(-17.027229, abs=1e-5)
        assert estimates["The same without inefficiency"] == pytest.approx(-18.446849, abs=1e-5)
        assert estimates["Test of no inefficiency"] == pytest.approx(2.8392402, abs=1e-4)
        assert estimates["Remark"] == ""


class TestEnvelopment:
    def test_one_input_and_one_output_is_the_ratio_over_the_best(self) -> None:
        assert call("QBS_DEA", [1, 2, 4], [1, 4, 4]) == column([0.5, 1.0, 0.5])

    def test_blank_rows_stay_blank(self) -> None:
        plain = call("QBS_DEA", INPUTS, OUTPUTS)
        gaps = call("QBS_DEA", (*INPUTS[:2], (None, ""), *INPUTS[2:]), [*OUTPUTS[:2], None, *OUTPUTS[2:]])
        assert gaps == (*plain[:2], (None,), *plain[2:])

    def test_headings_above_and_names_beside(self) -> None:
        headed = (("", "Spending", "Beds"), *((f"N{at}", *row) for at, row in enumerate(INPUTS)))
        assert call("QBS_DEA", headed, ["Quality", *OUTPUTS]) == call("QBS_DEA", INPUTS, OUTPUTS)

    def test_who_is_inefficient_is_so_against_the_others_too(self) -> None:
        plain = numbers(call("QBS_DEA", INPUTS, OUTPUTS))
        beyond = numbers(call("QBS_DEA", INPUTS, OUTPUTS, None, None, "super-efficiency"))
        assert (beyond[plain < 1] == plain[plain < 1]).all()
        assert (beyond[plain == 1] > 1).all()
        # Without the second, the first three can do with 2 of the first input what it does with 2 for 2.
        assert call("QBS_DEA", [1, 1, 1], [4, 2, 1], None, None, "Super-Efficiency") == column([2.0, 0.5, 0.25])

    def test_nobody_else_does_as_much(self) -> None:
        found = call("QBS_DEA", [1, 2, 3], [1, 2, 9], "variable", "input", "super-efficiency")
        assert found[2] == (NA,)

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ((INPUTS,), VALUE),
            ((INPUTS, OUTPUTS[:4]), VALUE),
            ((INPUTS, [1, 2, None, 1, 2]), VALUE),
            ((INPUTS, [1, 2, "x", 1, 2]), VALUE),
            ((INPUTS, [1, 2, REF, 1, 2]), REF),
            ((INPUTS, [1, 2, -3, 1, 2]), NUM),
            ((INPUTS, [0, 0, 0, 0, 0]), NUM),
            ((((0, 0), *INPUTS[1:]), OUTPUTS), NUM),
            ((INPUTS[:2], OUTPUTS[:2]), NUM),
            (((tuple(OUTPUTS),), (tuple(OUTPUTS),)), NUM),
            (([None] * 5, [None] * 5), NA),
            ((INPUTS, OUTPUTS, "increasing"), VALUE),
            ((INPUTS, OUTPUTS, None, "both"), VALUE),
            ((INPUTS, OUTPUTS, None, None, "slack"), VALUE),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_DEA", *arguments) == ((error,),)


class TestFrontier:
    def test_the_example_by_hand(self) -> None:
        """Least squares, moments of the residuals, and E[exp(-u)] of a normal cut off at 0, without numpy or scipy."""
        (example,) = find("QBS_SFA").examples
        _, given = name_and_arguments(example)
        y, x = ([float(row[0]) for row in side] for side in given[:2])
        slope = sum((a - fmean(x)) * (b - fmean(y)) for a, b in zip(x, y, strict=True))
        slope /= sum((a - fmean(x)) ** 2 for a in x)
        residuals = [b - fmean(y) - slope * (a - fmean(x)) for a, b in zip(x, y, strict=True)]
        second, third = (fmean(one**power for one in residuals) for power in (2, 3))
        scale = (third / (math.sqrt(2 / math.pi) * (1 - 4 / math.pi))) ** (1 / 3)
        noise = math.sqrt(second - (1 - 2 / math.pi) * scale**2)
        total = scale**2 + noise**2
        width = scale * noise / math.sqrt(total)
        below = NormalDist().cdf
        for residual, (shown,) in zip(residuals, example.result, strict=True):
            centre = -(residual - math.sqrt(2 / math.pi) * scale) * scale**2 / total
            share = below(centre / width - width) / below(centre / width)
            assert shown == pytest.approx(math.exp(width**2 / 2 - centre) * share, rel=1e-10)

    def test_inefficiency_that_is_not_there_is_said(self) -> None:
        # Skewed upwards: not what inefficiency does.
        x = list(range(1, 13))
        y = [one + (3 if one % 6 == 0 else 0) + 0.1 * (one % 3) for one in x]
        assert call("QBS_SFA", y, x) == column([1.0] * 12)
        remark = call("QBS_SFA", y, x, None, None, None, "estimates")[-1]
        assert remark[0] == "Remark"
        assert "skewed the wrong way" in str(remark[1])
        in_estonian = call("QBS_SFA", y, x, None, None, None, "estimates", "et")
        assert in_estonian[0] == ("Hinnang", "Väärtus", "Standardviga")
        assert "vale suunaga" in str(in_estonian[-1][1])
        # Standard errors are not known where nothing is found.
        assert [row[2] for row in in_estonian[1:3]] == [NA, NA]

    def test_every_remark_is_in_estonian_and_fits_into_a_cell(self) -> None:
        remarks = {
            value
            for module in (frontier, frontier_likelihood)
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, str)
        }
        assert set(_REMARKS) == remarks
        for english, estonian in _REMARKS.items():
            assert len(english) <= 255
            assert len(estonian) <= 255
            assert english != estonian

    def test_a_cost_frontier_is_the_mirror(self) -> None:
        rng = np.random.default_rng(7)
        x = rng.normal(size=60)
        y = x + rng.normal(0, 0.2, 60) - np.abs(rng.normal(0, 0.6, 60))
        production = numbers(call("QBS_SFA", y.tolist(), x.tolist()))
        cost = numbers(call("QBS_SFA", (-y).tolist(), (-x).tolist(), "cost"))
        assert cost == pytest.approx(production, abs=1e-6)
        inefficiency = numbers(call("QBS_SFA", y.tolist(), x.tolist(), None, None, None, "inefficiency"))
        # E[exp(-u)] is at least exp(-E[u]).
        assert (production >= np.exp(-inefficiency) - 1e-12).all()

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            (("profit",), VALUE),
            ((None, "gamma"), VALUE),
            ((None, None, "least-squares"), VALUE),
            ((None, None, None, "interval"), VALUE),
            ((None, None, None, "estimates", "fi"), VALUE),
            ((None, "truncated-normal", "corrected-moments"), NUM),
        ],
    )
    def test_options_that_cannot_be(self, options: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_SFA", [1, 2, 4, 3, 6, 5, 8], [1, 2, 3, 4, 5, 6, 7], *options) == ((error,),)

    @pytest.mark.parametrize(
        ("outcome", "inputs", "error"),
        [
            ([1, 2, 4, 3], [1, 2, 3, 4], NUM),
            ([1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], NUM),
            ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], NUM),
            ([1, 3, 2, 5, 4, 6], [1, 1, 1, 1, 1, 1], NUM),
            ([1, 3, 2, 5, 4, 6], [1, 2, 3], VALUE),
            ([1, 3, 2, 5, 4, 6], MISSING, VALUE),
            ([1, 3, 2, 5, 4, 6], [1, 2, None, 4, 5, 6], VALUE),
            (((1, 2), (3, 4), (5, 6), (7, 9)), [1, 2, 3, 4], VALUE),
        ],
    )
    def test_data_that_cannot_be(self, outcome: Any, inputs: Any, error: CellError) -> None:
        assert call("QBS_SFA", outcome, inputs) == ((error,),)
