from __future__ import annotations

from pathlib import Path

import pytest

from tests.addin.formula_help import name_and_arguments
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.addin.pages import page, write_pages

_COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "functions"


def test_committed_pages_are_those_of_the_definitions(tmp_path: Path) -> None:
    """If this fails: python -m xl_qbs.addin.pages docs/functions."""
    written = write_pages(tmp_path)
    assert {path.name for path in _COMMITTED.iterdir()} == {path.name for path in written}
    for path in written:
        assert path.read_bytes() == (_COMMITTED / path.name).read_bytes(), path.name


def test_pages_of_functions_that_are_gone_go_too(tmp_path: Path) -> None:
    (tmp_path / "QBS_GONE.md").write_text("old", encoding="utf-8")
    (tmp_path / "notes.md").write_text("mine", encoding="utf-8")
    write_pages(tmp_path, FUNCTIONS[:1])
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{FUNCTIONS[0].name}.md", "README.md", "notes.md"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
class TestPage:
    def test_says_everything_that_the_definition_says(self, function: Function) -> None:
        text = page(function)
        for label in (
            function.help,
            *(one.help for one in function.arguments),
            *(means for _, means in function.errors),
        ):
            assert label.en in text
            assert label.et in text
        for argument in function.arguments:
            assert (f"[{argument.name}]" in text) == argument.optional
        for error, _ in function.errors:
            assert f"`{error.value}`" in text
        assert function.source in text

    def test_shows_what_the_example_really_gives(self, function: Function) -> None:
        text = page(function)
        for example in function.examples:
            assert example.formula in text
            for row in evaluate(function, name_and_arguments(example)[1]):
                shown = [f"{value:.6g}" if type(value) is float else str(value) for value in row]
                assert " | ".join(one.upper() if one in {"True", "False"} else one for one in shown) in text
