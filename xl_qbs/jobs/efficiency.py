"""The whole job of `xl-qbs efficiency`, from files to a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import DataError, Finding, OutputError
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.efficiency.analysis import Analysis, Options
    from xl_qbs.scoring.table import Array
    from xl_qbs.sheets.efficiency.plan import PatientResults
    from xl_qbs.workbook.patient_rows import PatientRows
    from xl_qbs.workbook.provider_table import ProviderTable

# The curve of cost-effectiveness: so many values, up to so many times the value that was given.
_CURVE_STEPS, _CURVE_REACH = 11, 2.0

# numpy, scipy and the rest are imported inside the functions, so that --help and a mistyped option are
# answered at once.


@dataclass(frozen=True, kw_only=True)
class PatientFile:
    """A file of patient rows, and its columns.

    Attributes:
        path: the file.
        provider: heading of the provider's id; found by itself if None.
        quality: heading of the outcome.
        cost: heading of the cost.
        risk: headings of the risk factors.
        sheet: the sheet, where several have these columns.
    """

    path: Path
    provider: str | None = None
    quality: str = "quality"
    cost: str = "cost"
    risk: tuple[str, ...] = ()
    sheet: str | None = None


def efficiency_file(
    table: Path,
    output: Path | None,
    *,
    options: Options,
    columns: dict[str, Any],
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    patients: PatientFile | None = None,
    facts: Any = None,
    cells: Any = "formulas",
    language: Any = "en",
) -> tuple[Path, ProviderTable, Analysis]:
    """Read, analyse and write a table of quality and cost, showing the steps.

    Args:
        table: the file.
        output: where to write; None for a new name beside it.
        options: what the models are to assume.
        columns: which columns mean what, as `read_provider_table` takes them.
        inputs: headings of further inputs of the envelopment.
        outputs: headings of further outputs.
        patients: patient rows, for regression and cost-effectiveness.
        facts: what the sheets say of the run, `xl_qbs.workbook.efficiency.Facts`.
        cells: ``formulas`` or ``values``.
        language: language of the sheets.

    Returns:
        Where it was written, what was read, and what came of it.

    Raises:
        QbsError: what was given cannot be analysed or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as steps:
        steps.next("Reading")
        from xl_qbs.jobs.efficiency_input import findings_of_patients, read_table  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.add_sheets import check_output, default_output  # noqa: PLC0415
        from xl_qbs.workbook.efficiency import check_source, write_efficiency  # noqa: PLC0415

        target = output or default_output(table, "efficiency")
        # Before minutes of work, not after them.
        check_output(table, target)
        _check_not_read(target, columns.get("scored"), patients.path if patients is not None else None)
        read = read_table(table, columns, cost_is=options.cost_is, inputs=inputs, outputs=outputs)
        if columns.get("sheet") is not None:
            check_source(read)
        rows = _patient_rows(patients, options)
        if rows is not None:
            read = replace(read, findings=(*read.findings, *findings_of_patients(read, rows)))
        steps.next("Calculating")
        from xl_qbs.efficiency.analysis import analyse  # noqa: PLC0415

        results = None
        if rows is not None:
            results, told = _of_patients(rows, options)
            read = replace(read, findings=(*read.findings, *told))
        analysis = analyse(_given(read, inputs, outputs, results), options, progress=steps.done)
        steps.next("Writing")
        write_efficiency(
            read, analysis, target, facts=facts, patients=results, cells=cells, language=language, progress=steps.done
        )
    return target, read, analysis


def template_file(output: Path, *, options: Options, providers: int, language: Any, password: str) -> Path:
    """Build a formula template of efficiency, showing the steps; errors as `efficiency_file`."""
    with Steps() as steps:
        steps.next("Writing")
        from xl_qbs.workbook.add_sheets import check_folder  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.efficiency_template import make_efficiency_template  # noqa: PLC0415

        check_folder(output)
        return make_efficiency_template(
            output, options=options, providers=providers, language=language, password=password, progress=steps.done
        )


def _given(table: ProviderTable, inputs: Sequence[str], outputs: Sequence[str], results: PatientResults | None) -> Any:
    from xl_qbs.efficiency.analysis import Given  # noqa: PLC0415  (see above)

    effects, interval = _effects(table, results) if results is not None else (None, None)
    return Given(
        table.quality,
        table.cost,
        table.quality_error,
        table.cost_error,
        inputs=_together(table, inputs),
        outputs=_together(table, outputs),
        regression=effects,
        regression_interval=interval,
        volume=table.volume,
        area=table.area,
    )


def _together(table: ProviderTable, names: Sequence[str]) -> Array | None:
    import numpy as np  # noqa: PLC0415  (see above)

    return np.column_stack([table.extra[name] for name in names]) if names else None


def _effects(table: ProviderTable, results: PatientResults) -> Any:
    """Return the regression's efficiency for the table's providers, NaN for one without patients."""
    import numpy as np  # noqa: PLC0415  (see above)

    from xl_qbs.scoring.coverage import Interval  # noqa: PLC0415

    found = results.regression
    places = {str(name): row for row, name in enumerate(found.providers)}
    known = [places.get(name) for name in table.providers]
    columns = (found.efficiency, found.interval.low, found.interval.high)
    taken = [np.array([np.nan if place is None else column[place] for place in known]) for column in columns]
    return taken[0], Interval(taken[1], taken[2])


def _check_not_read(target: Path, *read: Path | None) -> None:
    """Refuse an output that is one of the other files that are read.

    Raises:
        OutputError: it is.
    """
    for path in read:
        if path is not None and os.path.exists(target) and target.samefile(path):
            raise OutputError(f"{target} is one of the files that are read; give another name with -o.")


def _patient_rows(patients: PatientFile | None, options: Options) -> PatientRows | None:
    if patients is None:
        return None
    from xl_qbs.jobs.efficiency_input import read_patients  # noqa: PLC0415  (see above)

    return read_patients(
        patients.path,
        cost_is=options.cost_is,
        provider=patients.provider,
        quality=patients.quality,
        cost=patients.cost,
        risk=patients.risk,
        sheet=patients.sheet,
    )


def _of_patients(rows: PatientRows, options: Options) -> tuple[PatientResults, list[Finding]]:
    """Return what patient rows say, and what has to be said of it."""
    from xl_qbs.jobs.efficiency_input import of_patients  # noqa: PLC0415  (see above)

    try:
        return _patient_results(rows, options)
    except DataError as error:
        raise of_patients(error, rows.source.path, rows.risk_names) from error


def _patient_results(rows: PatientRows, options: Options) -> tuple[PatientResults, list[Finding]]:
    import numpy as np  # noqa: PLC0415  (see above)

    from xl_qbs.efficiency.cost_effectiveness import acceptability, cost_effectiveness_of_patients  # noqa: PLC0415
    from xl_qbs.efficiency.regression import regression  # noqa: PLC0415
    from xl_qbs.sheets.efficiency.plan import PatientResults  # noqa: PLC0415

    common: dict[str, Any] = {
        "cost_is": options.cost_is,
        "risk": rows.risk if rows.risk.shape[1] else None,
        "level": options.level,
    }
    columns = (np.array(rows.providers, dtype=object), rows.quality, rows.cost)
    found = regression(*columns, **common)
    single = [str(name) for name, count in zip(found.providers, found.patients, strict=True) if count < 2]
    told, benefit, curve = [], None, None
    if options.value is not None and options.cost_is == "spending":
        if single:
            told.append(_no_interval(rows, single))
        else:
            benefit = cost_effectiveness_of_patients(
                *columns,
                **common,
                value=options.value,
                reference_quality=options.reference_quality,
                reference_cost=options.reference_cost,
            )
            curve = acceptability(benefit, np.linspace(0.0, _CURVE_REACH * options.value, _CURVE_STEPS))
    return PatientResults(found, benefit, curve, tuple(rows.risk_names), len(rows.quality)), told


def _no_interval(rows: PatientRows, single: Sequence[str]) -> Finding:
    from xl_qbs.workbook.named_table import some  # noqa: PLC0415  (see above)

    count = f"{len(single):,} provider{'s' if len(single) > 1 else ''} with 1 patient only: {some(single)}."
    remedy = (
        "Cost-effectiveness from patient rows is left out: 1 patient has no spread. Leave these rows out to have it."
    )
    sheet = f"[{rows.source.path.name}]{rows.source.sheet or ''}"
    return Finding(count, remedy, sheet, severity="warning")
