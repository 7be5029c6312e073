"""The whole jobs that a user asks for, from files to a file: scoring a workbook, building a template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import ArgumentError
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.scheme import Scheme
    from xl_qbs.scoring.method import Method
    from xl_qbs.scoring.score import Result
    from xl_qbs.workbook.fund_table import FundTable

# numpy, scipy and the rest are imported inside the functions, so that --help and a mistyped option are
# answered at once.


def score_file(
    workbook: Path,
    output: Path | None,
    *,
    cells: Any = "formulas",
    language: Any = "en",
    scheme: Path | None = None,
    sheet: str | None = None,
    mapping: Path | None = None,
    period: str | None = None,
    above_target: str = "cap",
    typed: str = "",
    **method: Any,
) -> tuple[Path, FundTable, Result]:
    """Read, score and write a workbook, showing the steps.

    Args:
        workbook: the file to score.
        output: where to write; None for a new name beside it.
        cells: ``formulas`` or ``values``.
        language: language of the result sheets.
        scheme: a file with the scheme; None for the workbook's own.
        sheet: the sheet that holds the table, where several do.
        mapping: a file that says where the columns are.
        period: the period to read, where the table holds several.
        above_target: ``cap`` or ``refuse`` work done above the target.
        typed: the options as a user would type them, for the sheet About.
        **method: fields of `Method`; ``weights`` and ``prior_file`` may name files.

    Returns:
        Where it was written, what was read, and what came of it.

    Raises:
        QbsError: what was given cannot be scored or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as steps:
        steps.next("Reading")
        table = read_table(
            workbook, scheme=scheme, sheet=sheet, mapping=mapping, period=period, above_target=above_target
        )
        steps.next("Scoring")
        from xl_qbs.scoring.score import score as score_table  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.add_sheets import default_output  # noqa: PLC0415
        from xl_qbs.workbook.scored import write_scored  # noqa: PLC0415

        result = score_table(table, table.scheme, method_of(table.scheme, **method))
        steps.next("Writing")
        output = output or default_output(workbook)
        write_scored(result, output, cells=cells, language=language, options=typed, progress=steps.done)
    return output, table, result


def score_only(workbook: Path, **options: Any) -> tuple[FundTable, Result]:
    """Read and score a table of any size, and write no workbook; options are those of `score_file` that fit.

    Raises:
        QbsError: what was given cannot be scored; see the classes in `xl_qbs.errors`.
    """
    reading = {name: options.pop(name) for name in ("scheme", "sheet", "mapping", "period", "above_target")}
    with Steps() as steps:
        steps.next("Reading")
        table = read_table(workbook, **reading)
        steps.next("Scoring")
        from xl_qbs.scoring.score import score as score_table  # noqa: PLC0415  (see above)

        return table, score_table(table, table.scheme, method_of(table.scheme, **options))


def template_file(
    output: Path,
    *,
    scheme: Path | None,
    lists: int | None,
    indicators: int | None,
    years: int | None,
    data: Path | None,
    period: str | None,
    last_year: Path | None,
    last_period: str | None,
    language: Any,
    password: str,
    **method: Any,
) -> tuple[Path, list[FundTable]]:
    """Build a template, showing the steps; return where it is, and what was read.

    Arguments are the options of ``xl-qbs template``; errors as `score_file`.
    """
    with Steps() as steps:
        steps.next("Reading")
        from xl_qbs.scheme import preset  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.scheme_file import read_scheme_file  # noqa: PLC0415
        from xl_qbs.workbook.template import LISTS, Request, make_template  # noqa: PLC0415

        if data is None and (last_year or period or last_period):
            raise ArgumentError("--last-year, --period and --last-period need --data.")
        reading: dict[str, Any] = {"sheet": None, "mapping": None, "above_target": "cap", "scheme": scheme}
        table = read_table(data, period=period, **reading) if data is not None else None
        earlier = last_year or (data if last_period else None)
        before = read_table(earlier, period=last_period, **reading) if earlier is not None else None
        chosen = read_scheme_file(scheme, preset()) if scheme is not None else (table.scheme if table else preset())
        tables = [one for one in (table, before) if one is not None]
        longest = max((len(one.providers) for one in tables), default=0)
        request = Request(
            scheme=chosen,
            lists=lists or max(LISTS, longest if longest <= LISTS else longest + longest // 10),
            indicators=indicators,
            years=years or (1 if table is not None and before is None else 2),
            table=table,
            last_year=before,
            method=method_of(chosen, **method),
        )
        steps.next("Writing")
        return make_template(request, output, language=language, password=password, progress=steps.done), tables


def read_table(
    workbook: Path,
    *,
    scheme: Path | None,
    sheet: str | None,
    mapping: Path | None,
    period: str | None,
    above_target: Any,
) -> FundTable:
    """Return the table of a file; arguments and errors as `score_file`."""
    from xl_qbs.scheme import preset  # noqa: PLC0415  (see above)
    from xl_qbs.workbook.read import read_workbook  # noqa: PLC0415
    from xl_qbs.workbook.scheme_file import read_scheme_file  # noqa: PLC0415

    chosen = read_scheme_file(scheme, preset()) if scheme is not None else None
    return read_workbook(workbook, chosen, sheet=sheet, mapping=mapping, period=period, done_above_target=above_target)


def method_of(
    scheme: Scheme,
    *,
    weights: str = "principal-component",
    prior_file: Path | None = None,
    prior: Any = "report",
    **others: Any,
) -> Method:
    """Return the method that the options ask for, with the files that they name read."""
    from xl_qbs.scoring.method import WEIGHT_RULES, Method  # noqa: PLC0415  (see above)
    from xl_qbs.workbook.scheme_file import read_prior_file, read_weights_file  # noqa: PLC0415

    if (prior == "fixed") != (prior_file is not None):
        raise ArgumentError("--prior fixed and --prior-file FILE go together.")
    values = read_prior_file(prior_file, scheme) if prior_file is not None else None
    rule: Any = weights
    own = None
    if weights not in WEIGHT_RULES:
        if not Path(weights).is_file():
            raise ArgumentError(f"--weights {weights}: must be {', '.join(WEIGHT_RULES)}, or a file that is there.")
        own, rule = read_weights_file(weights, scheme), "own"
    return Method(prior=prior, prior_values=values, weights=rule, own_weights=own, **others)
