"""The run log: what a scored workbook carries so that its numbers can be audited and made again.

It stands on the sheet About as text (JSON), with a checksum. It names every option, the whole scheme, the
cells that were read and a hash of the counts in them. It holds no counts: these stand in the workbook. The
checksum finds slips and programs that spoil text; it is no signature, and whoever means to deceive can
make it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.errors import Finding
from xl_qbs.scheme import Scheme, scheme_from_mapping
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array, Table
from xl_qbs.workbook.fund_table import FundTable, Source, Whole

# What the text of a log begins with; the number is that of its form.
START = '{"xl_qbs_run":1,'
# Excel's limit is 32,767 characters in a cell.
_LONGEST = 30_000
_LIST_DIGITS, _COLUMN_DIGITS = 4, 12


@dataclass(frozen=True, kw_only=True)
class DataPrint:
    """Fingerprints of the counts that were read.

    Attributes:
        sha256: of all ids, targets, work done and coefficients.
        lists: how many lists there are.
        by_list: four hexadecimal digits for each list, one after the other.
        by_column: twelve digits for each column: ids, ``n`` and ``x`` of each code, coefficients.
    """

    sha256: str
    lists: int
    by_list: str
    by_column: Mapping[str, str]

    def row(self, number: int) -> str:
        """Return the fingerprint of a list, from 0."""
        return self.by_list[_LIST_DIGITS * number : _LIST_DIGITS * (number + 1)]


@dataclass(frozen=True, kw_only=True)
class RunLog:
    """One scoring run.

    Attributes:
        program: version of xl_qbs.
        method_version: version of the methods.
        time: when it was scored.
        language: language of the result sheets.
        options: the options as they were typed.
        source: the file, and where each number stood in it.
        period: the period of the counts.
        data: fingerprints of the counts.
        above: work done above the target, as row, column (from 0) and the number that was read.
        scheme: the scheme in effect.
        method: the options of the scores.
        estimated: mean and strength of the prior by code, where it was estimated by likelihood.
        findings: what was found in the data.
    """

    program: str
    method_version: str
    time: str
    language: Any
    options: str
    source: Source
    period: str
    data: DataPrint
    above: tuple[tuple[int, int, float], ...]
    scheme: Scheme
    method: Method
    estimated: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def data_print(table: Table) -> DataPrint:
    """Return the fingerprints of a table's counts, indicators in the table's order."""
    coefficient = np.ones(len(table.providers)) if table.coefficient is None else table.coefficient
    numbers = np.hstack([table.target, table.done, coefficient.reshape(-1, 1)])
    lines = ["\t".join([one, *map(_number, row)]) for one, row in zip(table.providers, numbers.tolist(), strict=True)]
    columns = {"id": list(table.providers), "coefficient": [_number(one) for one in coefficient.tolist()]}
    for j, code in enumerate(table.indicators):
        columns[f"n {code}"] = [_number(one) for one in table.target[:, j].tolist()]
        columns[f"x {code}"] = [_number(one) for one in table.done[:, j].tolist()]
    return DataPrint(
        sha256=_sha(lines),
        lists=len(lines),
        by_list="".join(_sha([line])[:_LIST_DIGITS] for line in lines),
        by_column={key: _sha(values)[:_COLUMN_DIGITS] for key, values in columns.items()},
    )


def run_log(result: Result, *, time: str, language: Any, options: str) -> RunLog:
    """Return the log of a run whose table was read from a file."""
    table = result.table
    assert isinstance(table, FundTable)  # noqa: S101  (scored_book has asked)
    prior = result.prior
    pairs = zip(prior.mean.tolist(), prior.strength.tolist(), strict=True)
    estimated = dict(zip(result.scheme.codes, pairs, strict=True)) if result.method.prior == "likelihood" else {}
    return RunLog(
        program=__version__,
        method_version=METHOD_VERSION,
        time=time,
        language=language,
        options=options,
        source=table.source,
        period=table.period,
        data=data_print(table),
        above=tuple(
            (int(i), int(j), float(table.done[i, j])) for i, j in np.argwhere(table.done > table.target).tolist()
        ),
        scheme=result.scheme,
        method=result.method,
        estimated=estimated,
        findings=table.findings,
    )


def log_lines(log: RunLog) -> tuple[str, ...]:
    """Return a log as the texts of cells: pieces of one text, and its checksum last."""
    text = START + json.dumps(_plain(log), separators=(",", ":"), ensure_ascii=True)[1:]
    pieces = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)]
    return (*pieces, hashlib.sha256(text.encode()).hexdigest())


def parse_log(lines: Sequence[str]) -> tuple[RunLog | None, bool]:
    """Return the log that the texts of cells hold, if they hold one, and whether its checksum is right."""
    text = "".join(lines[:-1])
    sound = bool(lines) and hashlib.sha256(text.encode()).hexdigest() == lines[-1].strip()
    try:
        return _from_plain(json.loads(text)), sound
    except (ValueError, KeyError, TypeError, AttributeError):
        # Whatever is wrong with it, it is no log: errors of the package's own classes are ValueErrors or QbsErrors.
        return None, False


def as_read(log: RunLog, providers: Sequence[str], target: Array, done: Array, coefficient: Array | None) -> FundTable:
    """Return a table with these counts in the places that a log names."""
    return FundTable(
        providers=tuple(providers),
        indicators=log.scheme.codes,
        target=target,
        done=done,
        coefficient=coefficient,
        period=log.period,
        source=log.source,
        scheme=log.scheme,
        findings=log.findings,
    )


def _number(value: float) -> str:
    return f"{value:.15g}"


def _sha(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(log: RunLog) -> dict[str, Any]:
    source = log.source
    return {
        "program": log.program,
        "method_version": log.method_version,
        "time": log.time,
        "language": log.language,
        # Word by word, so that the line stands once in the workbook, where people look for it.
        "options": log.options.split(" "),
        "input": {
            "name": source.path.name,
            "sha256": source.sha256,
            "sheets": [list(one) for one in source.sheets],
            "delimiter": source.delimiter,
            "encoding": source.encoding,
        },
        "table": {
            "sheet": source.sheet,
            "layout": source.layout,
            "range": source.range,
            "heading_row": source.heading_row,
            "period": log.period,
            "provider_column": source.provider_column,
            "coefficient_column": source.coefficient_column,
            "target_columns": source.target_columns.tolist(),
            "done_columns": source.done_columns.tolist(),
            "provider_rows": _runs(source.provider_rows),
            "rows": _row_runs(source.rows),
        },
        "data": asdict(log.data),
        "above": [list(one) for one in log.above],
        "scheme": _scheme(log.scheme),
        "method": asdict(log.method),
        "estimated": {code: list(pair) for code, pair in log.estimated.items()},
        "findings": [asdict(one) for one in log.findings],
    }


def _scheme(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme as `scheme_from_mapping` takes it: without what is not set."""
    whole = asdict(scheme)
    whole["indicators"] = [{k: v for k, v in one.items() if v is not None} for one in whole["indicators"]]
    return whole


def _from_plain(data: Any) -> RunLog:
    table, file = data["table"], data["input"]
    method = dict(data["method"])
    if method.get("prior_values") is not None:
        method["prior_values"] = {code: (pair[0], pair[1]) for code, pair in method["prior_values"].items()}
    rows = [_unrun(one) for one in table["rows"]]
    columns = len(table["target_columns"])
    source = Source(
        path=Path(str(file["name"])),
        sha256=str(file["sha256"]),
        sheets=tuple((str(name), str(state)) for name, state in file["sheets"]),
        sheet=str(table["sheet"]),
        layout=table["layout"],
        heading_row=int(table["heading_row"]),
        rows=np.column_stack(rows * columns if len(rows) == 1 else rows),
        target_columns=np.array(table["target_columns"], dtype=np.int64),
        done_columns=np.array(table["done_columns"], dtype=np.int64),
        provider_column=int(table["provider_column"]),
        provider_rows=_unrun(table["provider_rows"]),
        coefficient_column=table["coefficient_column"],
        range=str(table["range"]),
        delimiter=file["delimiter"],
        encoding=file["encoding"],
    )
    return RunLog(
        program=str(data["program"]),
        method_version=str(data["method_version"]),
        time=str(data["time"]),
        language="et" if data["language"] == "et" else "en",
        options=" ".join(str(word) for word in data["options"]),
        source=source,
        period=str(table["period"]),
        data=DataPrint(**data["data"]),
        above=tuple((int(i), int(j), float(x)) for i, j, x in data["above"]),
        scheme=scheme_from_mapping(data["scheme"]),
        method=Method(**method),
        estimated={code: (pair[0], pair[1]) for code, pair in data["estimated"].items()},
        findings=tuple(Finding(**one) for one in data["findings"]),
    )


def _row_runs(rows: Whole) -> list[list[list[int]]]:
    """Return the rows of each column as runs; those of the first only where all columns have the same."""
    same = bool((rows == rows[:, :1]).all())
    return [_runs(rows[:, j]) for j in range(1 if same else rows.shape[1])]


def _runs(numbers: Whole) -> list[list[int]]:
    """Return whole numbers as runs of first, step and count.

    >>> _runs(np.array([11, 12, 13, 20, 0]))
    [[11, 1, 3], [20, -20, 2]]
    """
    runs: list[list[int]] = []
    for number in numbers.tolist():
        if runs and runs[-1][2] == 1:
            runs[-1][1:] = [number - runs[-1][0], 2]
        elif runs and number == runs[-1][0] + runs[-1][1] * runs[-1][2]:
            runs[-1][2] += 1
        else:
            runs.append([number, 0, 1])
    return runs


def _unrun(runs: Sequence[Sequence[int]]) -> Whole:
    pieces = [first + step * np.arange(count, dtype=np.int64) for first, step, count in runs]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
