"""Schemes, weights and priors from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbook.builders import SCHEME, write_xlsx
from xl_qbs import errors
from xl_qbs.scheme import preset
from xl_qbs.workbook.grid import Grid
from xl_qbs.workbook.scheme_file import (
    find_scheme_sheet,
    read_prior_file,
    read_scheme_file,
    read_weights_file,
)

ROWS = [
    ["The scheme in force"],
    ["Kood", "Punktid", "Nõutav hõlmatus", "Valdkond", "Aliases"],
    ["diab", 70, 0.8, "II", "Sugar; Suhkur"],
    [17, 30, 0.5, "II", None],
]


def text_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_xlsx(tmp_path: Path) -> None:
    scheme = read_scheme_file(write_xlsx(tmp_path / "s.xlsx", {"About": [["hello"]], "Any": ROWS}), preset())
    assert scheme.codes == ("diab", "17")
    assert scheme.points == (70.0, 30.0)
    assert scheme.bands == preset().bands
    # Names come from the known scheme, aliases from both.
    assert scheme.indicators[0].name_et == "Diabeet II jälgimine"
    assert {"Sugar", "Suhkur", "Diabetes monitoring"} <= set(scheme.indicators[0].aliases)


def test_csv_with_decimal_commas(tmp_path: Path) -> None:
    path = text_file(tmp_path / "s.csv", "kood;punktid;nõutav hõlmatus\ndiab;70;0,8\n017;30;0,5\n")
    scheme = read_scheme_file(path)
    assert scheme.codes == ("diab", "017")
    assert scheme.required_coverage == (0.8, 0.5)
    assert scheme.name == "s"


def test_toml(tmp_path: Path) -> None:
    path = text_file(
        tmp_path / "s.toml",
        'name = "S"\n[[indicators]]\ncode = "a"\ndomain = "I"\nname = "A"\npoints = 5\nrequired_coverage = 0.5\n',
    )
    assert read_scheme_file(path).codes == ("a",)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("s.toml", "name =", r"s\.toml is not TOML"),
        ("s.toml", 'name = "S"', r"s\.toml: A scheme lacks indicators"),
        ("s.csv", "kood;punktid\ndiab;5\n", r"s\.csv: no row of headings has a code, points and required"),
        ("s.csv", "kood;punktid;nõutav hõlmatus\ndiab;palju;0,5\n", r"s\.csv.*row 2: points is 'palju'"),
        ("s.csv", "kood;punktid;nõutav hõlmatus\ndiab;5;0,5\ndiab;6;0,5\n", r"s\.csv.*'diab' stands 2 times"),
    ],
)
def test_refused_with_the_file_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(errors.SchemeError, match=words):
        read_scheme_file(text_file(tmp_path / name, text))


def test_several_sheets_with_a_scheme(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", {"Old": ROWS, "New": ROWS})
    with pytest.raises(errors.SchemeError, match="Old, New"):
        read_scheme_file(path)


def test_find_scheme_sheet() -> None:
    old, usual = Grid("Old", ROWS), Grid("Skeem", ROWS)
    assert find_scheme_sheet([old]) is old
    assert find_scheme_sheet([old, usual]) is usual
    assert find_scheme_sheet([old, Grid("New", ROWS)]) is None
    assert find_scheme_sheet([Grid("Empty", [])]) is None


def test_a_long_table_is_no_scheme() -> None:
    rows = [["List", "Indicator", "Target", "Done", "Points", "Required coverage"], ["N1", "diab", 5, 4, 65, 0.7]]
    assert find_scheme_sheet([Grid("Data", rows)]) is None


def test_weights_by_name_never_by_position(tmp_path: Path) -> None:
    rows = [["Indicator", "Weight"], ["Kõrgvererõhktõbi", 12], ["diab", 68]]
    path = write_xlsx(tmp_path / "w.xlsx", {"W": rows})
    assert read_weights_file(path, SCHEME) == {"diab": 68.0, "hyp": 12.0}


def test_every_problem_of_weights_at_once(tmp_path: Path) -> None:
    path = text_file(tmp_path / "w.csv", "code,weight\nasthma,1\ndiab,-1\ndiabetes,3\n")
    with pytest.raises(errors.SchemeError) as caught:
        read_weights_file(path, SCHEME)
    for part in (
        "w.csv",
        "A2: 'asthma' is not an indicator of the scheme",
        "B3: weight of diab is -1, must be a number from 0",
        "A4: diab stands twice",
        "hyp is missing",
    ):
        assert part in str(caught.value)


def test_weights_without_headings(tmp_path: Path) -> None:
    with pytest.raises(errors.SchemeError, match="no row of headings"):
        read_weights_file(text_file(tmp_path / "w.csv", "diab,68\nhyp,12\n"), SCHEME)


def test_priors(tmp_path: Path) -> None:
    path = text_file(tmp_path / "p.csv", "kood;keskmine;tugevus\nhyp;0,7;12\ndiab;0,5;40\n")
    assert read_prior_file(path, SCHEME) == {"diab": (0.5, 40.0), "hyp": (0.7, 12.0)}


def test_prior_mean_in_percent_is_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path / "p.csv", "code,mean,strength\nhyp,70,12\ndiab,0.5,40\n")
    with pytest.raises(errors.SchemeError, match="mean of hyp is above 1"):
        read_prior_file(path, SCHEME)


def test_weights_of_other_schemes_are_passed_over(tmp_path: Path) -> None:
    path = text_file(tmp_path / "w.csv", "code,weight\nasthma,1\ndiab,68\nhyp,12\n")
    assert read_weights_file(path, SCHEME) == {"diab": 68.0, "hyp": 12.0}
