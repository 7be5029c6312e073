"""The pages of the functions, made from their definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from xl_qbs.addin.calls import ByCell, ByRow
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Argument, CellError, Cells, CellValue, Example, Function

_INTRODUCTION = """# QBS functions

Type them in any cell, as any other function. These pages are made from the definitions in `xl_qbs/addin/functions`
(`python -m xl_qbs.addin.pages docs/functions` writes them anew); the help in Excel and LibreOffice is the same text.
"""

_RULES = """## What holds for all of them

- **Order**: work done comes before the target population, as in `=QBS_ADJUSTED_COVERAGE(E11:E791, D11:D791)`.
- **Ranges** may be columns, rows or blocks (lists down, indicators across), with or without headings, or whole columns.
  A single row of counts is read as the lists of one indicator. Headings and unused cells at the end are left out, alike
  in all ranges of as many rows or columns, so the result begins with the first list: **type the formula beside the
  first list**, not beside the heading. A heading is a row that holds words only, above the first number, or such a
  column to the left of it in which no word stands twice. Totals below the lists count as a list: leave them
  out of the range (QBS_SCORE knows them by their name).
- **One cell, one row or one column** goes with a larger range; a row together with a column does not.
- **Blank cells** stay blank in the result (a formula cannot leave a cell empty, so it shows an empty text, which is
  read as blank again). Target and done are blank together, or it is `#VALUE!`; done may be blank where the target is 0.
  Priors, ranks, weights and models of quality and cost leave blanks out. Only QBS_SCORE reads two blank counts as 0,
  as `xl-qbs score` does, since there the row says that the list exists.
- **Quality and cost**: a row is a provider with a quality and cost of its own; where quality is a row, providers stand
  across, and so does the result. A provider without any number is left out, and one with a gap is `#VALUE!`. Whether
  cost is `spending` (lower is better) or `performance` (higher is better) has to be said wherever there is cost.
- **Groups of patients**: a row is a provider and a column a group of its patients, 0 where it has none. QBS_GAP takes a
  group and its reference as ranges of their own. A provider without any number is left out.
- **An optional argument** is left out by writing nothing between its commas, or by pointing at a blank cell.
- **Nothing is volatile**: a cell is recalculated when a cell that it refers to changes.

| error | means |
|---|---|
| `#N/A` | undefined: there is nobody, or nothing, to reckon with |
| `#NUM!` | an impossible number: a negative count, a share outside 0 to 1, a result without end; or data that a model \
cannot be used on, such as fewer than 3 providers |
| `#VALUE!` | text, a date, or TRUE or FALSE where a number belongs (a number stored as text, too); ranges that do not \
fit; a word that names no option |
| `#NAME?` | the function is not loaded, or a Python package that it needs is not installed |
| any other | passed through from an input cell; of several, the first |

Functions that take each cell or each row by itself show an error in that place only. Those that look at all cells
(priors, adjusted coverage, loadings, weights, ranks, scores, models of quality and cost, groups of patients, peers)
give one error for the whole range: one wrong number would change every other result.

What QBS_REGRESSION and QBS_SFA give is the end of a search, and what QBS_DEA gives that of a linear program: their last
digits can differ from one machine to another.
"""

_SHAPES = {
    "same": "A range like the first argument.",
    "single": "One cell.",
    "row": "A row.",
    "column": "A column.",
    "rows": "Several cells side by side for each row of the first argument.",
    "table": "A table with headings.",
}


def page(function: Function) -> str:
    """Return the page of a function, in Markdown."""
    parts = [
        f"# {function.name}",
        function.help.en,
        f"*{function.help.et}*",
        f"```\n={function.name}({', '.join(map(_named, function.arguments))})\n```",
    ]
    if function.arguments:
        rows = [(f"`{one.name}`", one.help.en, one.help.et, _default(one)) for one in function.arguments]
        parts.append("## Arguments\n\n" + _table(("argument", "what it is", "eesti keeles", "if left out"), rows))
    parts.append(f"## What it gives\n\n{_gives(function)}")
    examples = "\n\n".join(_example(one) for one in function.examples)
    parts.append(f"## Example\n\n{examples}" if len(function.examples) == 1 else f"## Examples\n\n{examples}")
    if function.errors:
        errors = [(f"`{error.value}`", means.en, means.et) for error, means in function.errors]
        parts.append("## Errors\n\n" + _table(("error", "means", "eesti keeles"), errors))
    if function.source:
        parts.append(f"## Source\n\n{function.source}.")
    parts.append("[All functions](README.md), and what holds for all of them: headings, blanks, errors.")
    return "\n\n".join(parts) + "\n"


def overview(functions: Sequence[Function]) -> str:
    """Return the page that lists the functions, in Markdown."""
    rows = [
        (f"[{one.name}]({one.name}.md)", one.category.en, one.help.en, ", ".join(one.needs) or "") for one in functions
    ]
    table = _table(("function", "category", "what it gives", "needs"), rows)
    return f"{_INTRODUCTION}\n{table}\n\n{_RULES}"


def write_pages(folder: str | Path, functions: Sequence[Function] = FUNCTIONS) -> list[Path]:
    """Write ``README.md`` and a page a function into a folder, and delete pages of functions that are gone.

    Returns:
        The files that were written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"README.md": overview(functions), **{f"{one.name}.md": page(one) for one in functions}}
    for old in folder.glob("QBS_*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def _named(argument: Argument) -> str:
    return f"[{argument.name}]" if argument.optional else argument.name


def _default(argument: Argument) -> str:
    if not argument.optional:
        return "has to be given"
    if argument.default is None:
        return "nothing"
    return f"{argument.default:g}" if isinstance(argument.default, float) else str(argument.default)


def _gives(function: Function) -> str:
    text = _SHAPES[function.shape]
    if isinstance(function.call, ByCell):
        text += " Each cell is reckoned by itself."
    elif isinstance(function.call, ByRow):
        text += " Each row is reckoned by itself."
    elif function.arguments:
        text += " All cells are looked at together: one error is the error of the whole range."
    if function.needs:
        text += f" Needs the Python package {' and '.join(function.needs)}; without it, `#NAME?`."
    return text


def _example(example: Example) -> str:
    given = [f"`{address}`\n\n{_grid(cells)}" for address, cells in example.cells.items()]
    return "\n\n".join([*given, f"`{example.formula}` gives", _grid(example.result)])


def _grid(cells: Cells) -> str:
    """Return cells as a table; a Markdown table has a heading, which cells without one leave empty."""
    return _table([""] * len(cells[0]), [[_shown(value) for value in row] for row in cells])


def _shown(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.value
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    import sys

    write_pages(sys.argv[1])
