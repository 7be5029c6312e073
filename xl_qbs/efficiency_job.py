"""The whole job of `xl-qbs efficiency`, from files to a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import ArgumentError
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
        from xl_qbs.workbook.add_sheets import check_output, default_output  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.efficiency import write_efficiency  # noqa: PLC0415
        from xl_qbs.workbook.provider_table import read_provider_table  # noqa: PLC0415

        target = output or default_output(table, "efficiency")
        # Before minutes of work, not after them.
        check_output(table, target)
        read = read_provider_table(table, cost_is=options.cost_is, extra=(*inputs, *outputs), **columns)
        rows = _patient_rows(patients)
        steps.next("Calculating")
        from xl_qbs.efficiency.analysis import analyse  # noqa: PLC0415

        results = _of_patients(rows, options) if rows is not None else None
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
        from xl_qbs.workbook.efficiency_template import make_efficiency_template  # noqa: PLC0415  (see above)

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
    if not any(place is not None for place in known):
        raise ArgumentError("--patients: none of its providers is in the table; look at the columns of the ids")
    columns = (found.efficiency, found.interval.low, found.interval.high)
    taken = [np.array([np.nan if place is None else column[place] for place in known]) for column in columns]
    return taken[0], Interval(taken[1], taken[2])


def _patient_rows(patients: PatientFile | None) -> PatientRows | None:
    if patients is None:
        return None
    from xl_qbs.workbook.patient_rows import read_patient_rows  # noqa: PLC0415  (see above)

    return read_patient_rows(
        patients.path,
        provider=patients.provider,
        quality=patients.quality,
        cost=patients.cost,
        risk=patients.risk,
        sheet=patients.sheet,
    )


def _of_patients(rows: PatientRows, options: Options) -> PatientResults:
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
    benefit, curve = None, None
    if options.value is not None and options.cost_is == "spending":
        benefit = cost_effectiveness_of_patients(
            *columns,
            **common,
            value=options.value,
            reference_quality=options.reference_quality,
            reference_cost=options.reference_cost,
        )
        curve = acceptability(benefit, np.linspace(0.0, _CURVE_REACH * options.value, _CURVE_STEPS))
    return PatientResults(found, benefit, curve, tuple(rows.risk_names), len(rows.quality))
