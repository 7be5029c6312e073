from __future__ import annotations

import csv
from pathlib import Path

import pytest

from xl_qbs.errors import SchemeError
from xl_qbs.scheme import preset, preset_names
from xl_qbs.scheme.parse import plain


def test_the_scheme_of_2018_is_that_of_the_report() -> None:
    # Improving Incentives for Fairness in QBS (World Bank, 20 May 2020), Table 1.
    scheme = preset("qbs-2018")
    assert [(one.code, one.points, one.required_coverage) for one in scheme.indicators] == [
        ("diab", 65, 0.76),
        ("diabr", 10, 0.70),
        ("hyp1", 90, 0.76),
        ("hyp2", 175, 0.70),
        ("hyp3", 40, 0.73),
        ("hypr1", 5, 0.90),
        ("hypr2", 20, 0.83),
        ("inf", 20, 0.90),
        ("infr1", 5, 0.70),
        ("infr2", 5, 0.70),
        ("e032", 45, 0.90),
    ]
    assert scheme.total == 480
    assert scheme.domains == ("II",)
    assert "Table 1" in scheme.source


def test_the_scheme_of_2018_is_that_of_the_shared_folder(shared: Path) -> None:
    with (shared / "oracles" / "qbs_table1_scheme_2018.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], float(row["points"]), float(row["threshold"])) for row in csv.DictReader(file)]
    assert [(one.code, one.points, one.required_coverage) for one in preset().indicators] == rows


def test_bands_are_80_and_90_percent() -> None:
    # Seed 002, Figure 8.
    assert [(one.lower, bool(one.name), bool(one.name_et)) for one in preset().bands] == [
        (0, True, True),
        (0.8, True, True),
        (0.9, True, True),
    ]


def test_every_indicator_is_named_in_both_languages() -> None:
    for one in preset().indicators:
        assert one.name
        assert one.name_et
    assert preset().name_et


def test_prescriptions_are_not_patients() -> None:
    assert {one.code: one.unit for one in preset().indicators if one.unit != "patients"} == {"hypr1": "prescriptions"}


def test_no_name_stands_for_two_indicators() -> None:
    owners: dict[str, str] = {}
    for one in preset().indicators:
        for name in one.names:
            assert owners.setdefault(plain(name), one.code) == one.code, name


def test_the_indicators_of_the_report_are_known_by_their_printed_names() -> None:
    # Seed 002, Table 2, as printed there (statins with its spelling).
    known = {plain(name): one.code for one in preset().indicators for name in one.names}
    printed = {
        "Diabetes Type II: Monitoring": "diab",
        "Diabetes Type II: Treatment": "diabr",
        "Hypertension Low Risk: Monitoring": "hyp1",
        "Hypertension Medium Risk: Monitoring": "hyp2",
        "Hypertension High Risk: Monitoring": "hyp3",
        "Hypertension All Risk: Treatment": "hypr1",
        "Hypertension Med - High Risk: Treatment": "hypr2",
        "Myocardial Infarction: Monitoring": "inf",
        "Myocardial Infarction Beta Blockers: Treatment": "infr1",
        "Myocardial Infarction Statines: Treatment": "infr2",
        "Hypothyroidism: Monitoring": "e032",
    }
    assert {name: known.get(plain(name)) for name in printed} == printed


def test_presets_are_listed_and_the_default_is_the_first() -> None:
    assert preset_names() == ("qbs-2018",)
    assert preset() == preset(preset_names()[0])


def test_an_unknown_preset_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SchemeError) as caught:
        preset("qbs-1999")
    assert str(caught.value) == "There is no scheme 'qbs-1999'; there are: qbs-2018."
