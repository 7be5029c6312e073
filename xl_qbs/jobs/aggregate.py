"""The whole job of `xl-qbs aggregate`, from extracts to the indicator table."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.aggregate.errors import DefinitionsError, ExtractError
from xl_qbs.errors import ArgumentError, DataError, Finding, OutputError
from xl_qbs.jobs.aggregate_engine import Engine, EngineOptions, open_engine
from xl_qbs.jobs.aggregate_extract import Extract, find_extract
from xl_qbs.jobs.aggregate_output import check_ending, write_batches, write_columns
from xl_qbs.report import Steps

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    from numpy.typing import NDArray

    from xl_qbs.aggregate.definitions import Definitions

# numpy, Ibis and the engines are imported inside the functions, so that --help and a mistyped option are answered
# at once.


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Where to write what.

    Attributes:
        table: the indicator table.
        groups: its split by group; None for none.
        patients: rows of patients for risk adjustment; None for none.
    """

    table: Path
    groups: Path | None = None
    patients: Path | None = None

    @property
    def paths(self) -> dict[str, Path]:
        """The files by option."""
        given = {"-o": self.table, "--groups": self.groups, "--patients": self.patients}
        return {option: path for option, path in given.items() if path is not None}


@dataclass(frozen=True, kw_only=True)
class Aggregated:
    """What came of it.

    Attributes:
        definitions: what was counted.
        providers: how many lists the table has.
        listed: how many patients count on a list.
        target: the sum of each target population by code.
        done: the sum of the work done by code.
        rows: how many rows each extract has, by what it is.
        patient_rows: how many rows of patients were written; None where none were asked for.
        findings: warnings and notes; errors are raised instead.
    """

    definitions: Definitions
    providers: int
    listed: int
    target: dict[str, int]
    done: dict[str, int]
    rows: dict[str, int]
    patient_rows: int | None
    findings: tuple[Finding, ...]


def read_definitions(path: Path, first: datetime.date | None = None, last: datetime.date | None = None) -> Definitions:
    """Return the definitions of a TOML file.

    Args:
        path: the file.
        first: first day of the period instead of the file's.
        last: last day, likewise.

    Raises:
        DefinitionsError: the file cannot be read, is no TOML, or what it says cannot be used.
    """
    from xl_qbs.aggregate.parse import definitions_from_mapping  # noqa: PLC0415  (only this command needs it)
    from xl_qbs.workbook.toml_text import toml_values  # noqa: PLC0415

    try:
        data = toml_values(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DefinitionsError(path.name, [f"the file cannot be read ({error.strerror or error})."]) from None
    except UnicodeDecodeError:
        raise DefinitionsError(path.name, ["the file is not UTF-8."]) from None
    except tomllib.TOMLDecodeError as error:
        raise DefinitionsError(path.name, [f"the file is not TOML: {error}."]) from None
    found = definitions_from_mapping(data, path.name)
    found = replace(found, start=first or found.start, end=last or found.end)
    if found.start > found.end:
        raise ArgumentError(f"the period begins on {found.start} and ends on {found.end}: give --from and --to")
    return found


def aggregate_files(
    definitions: Definitions,
    wanted: Wanted,
    *,
    people: Sequence[str] = (),
    records: Sequence[str] = (),
    engine: EngineOptions | None = None,
) -> Aggregated:
    """Count patient rows, showing the steps, and write what is wanted.

    Args:
        definitions: what to count.
        wanted: where to write what.
        people: files or folders of the people; empty where the definitions have none.
        records: files or folders of the records, likewise.
        engine: what runs it; DuckDB with its defaults if None.

    Raises:
        QbsError: what was given cannot be counted or written; see the classes in `xl_qbs.errors` and
            `xl_qbs.aggregate.errors`. Nothing is written then.
    """
    engine = engine or EngineOptions()
    extracts = _extracts(definitions, people, records, remote=engine.name == "spark")
    _check_wanted(definitions, wanted, extracts)
    with Steps() as steps, open_engine(engine) as running:
        steps.next("Checking")
        tables = _tables(definitions, extracts, running)
        rows, findings = _checked(definitions, extracts, tables, running, steps.done)
        steps.next("Counting")
        from xl_qbs.aggregate import counts, persons  # noqa: PLC0415  (see above)

        each = running.keep(persons.persons(definitions, tables.get("people"), tables.get("records")), steps.done)
        totals = _Totals(definitions, running.collect(counts.totals(definitions, each), steps.done))
        findings += _several(definitions, running, counts.on_several_lists(each))
        findings += totals.findings()
        steps.next("Writing")
        written = None
        if wanted.patients is not None and definitions.patients is not None:
            batches = running.batches(counts.patient_rows(definitions.patients, each))
            written = _write_patients(batches, wanted.patients)
        if wanted.groups is not None:
            write_columns(totals.by_group(), wanted.groups)
        write_columns(totals.by_list(), wanted.table)
    return Aggregated(
        definitions=definitions,
        providers=len(totals.providers),
        listed=totals.listed,
        target=totals.sums("target"),
        done=totals.sums("done"),
        rows=rows,
        patient_rows=written,
        findings=tuple(findings),
    )


def _extracts(
    definitions: Definitions, people: Sequence[str], records: Sequence[str], *, remote: bool
) -> dict[str, Extract]:
    """Return the extracts that the definitions need."""
    found = {}
    for what, asked, given in (
        ("people", definitions.people is not None, people),
        ("records", definitions.records is not None, records),
    ):
        if asked and not given:
            raise ArgumentError(f"the definitions have [{what}]: give the extract with --{what}")
        if given and not asked:
            raise ArgumentError(f"--{what} is given, and the definitions have no [{what}]: leave it out, or add them")
        if asked:
            found[what] = find_extract(given, remote=remote)
    return found


def _check_wanted(definitions: Definitions, wanted: Wanted, extracts: dict[str, Extract]) -> None:
    """Refuse what cannot be written before minutes of work, not after them."""
    from xl_qbs.workbook.add_sheets import check_folder  # noqa: PLC0415  (slow to import)

    if wanted.groups is not None and definitions.groups is None:
        raise ArgumentError("--groups needs [groups] in the definitions: the column of the people that says the group")
    if wanted.patients is not None and definitions.patients is None:
        raise ArgumentError("--patients needs [patients] in the definitions: quality, cost and risk factors")
    read = {Path(path).resolve() for one in extracts.values() if not one.remote for path in one.paths}
    taken: dict[Path, str] = {}
    for option, path in wanted.paths.items():
        check_ending(option, path, (".csv", ".parquet") if option == "--patients" else (".csv", ".parquet", ".xlsx"))
        check_folder(path)
        if path.resolve() in read:
            raise OutputError(f"{path} is a file of the extract; give another name with {option}.")
        other = taken.setdefault(path.resolve(), option)
        if other != option:
            raise ArgumentError(f"{other} and {option} name one file; give each a name of its own")


def _tables(definitions: Definitions, extracts: dict[str, Extract], engine: Engine) -> dict[str, ir.Table]:
    """Return the extracts as tables that have every column that the definitions name."""
    from xl_qbs.aggregate.columns import column_findings, used_people, used_records  # noqa: PLC0415  (as above)

    tables = {what: engine.read(extract) for what, extract in extracts.items()}
    used = {"people": used_people(definitions), "records": used_records(definitions)}
    findings = [
        finding
        for what, table in tables.items()
        for finding in column_findings(extracts[what].name, dict(table.schema().items()), used[what])
    ]
    if findings:
        raise DataError(findings)
    # Other columns are not even read.
    return {what: table.select(*used[what]) for what, table in tables.items()}


def _checked(
    definitions: Definitions,
    extracts: dict[str, Extract],
    tables: dict[str, ir.Table],
    engine: Engine,
    progress: Callable[[float], None],
) -> tuple[dict[str, int], list[Finding]]:
    """Return how many rows each extract has, and warnings; refuse what is wrong, all of it at once."""
    from xl_qbs.aggregate import checks  # noqa: PLC0415  (as above)

    rows: dict[str, int] = {}
    findings: list[Finding] = []
    for what, table in tables.items():
        name = extracts[what].name
        count = checks.people_counts if what == "people" else checks.record_counts
        tell = checks.people_findings if what == "people" else checks.record_findings
        found = engine.collect(count(definitions, table), progress).to_pylist()[0]
        rows[what] = int(found["rows"])
        findings += tell(definitions, found, name)
        if what == "people":
            conflicts = engine.collect(checks.conflict_counts(definitions, table), progress).to_pylist()[0]
            findings += checks.conflict_findings(definitions, table, conflicts, name)
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise DataError(errors)
    return rows, findings


def _several(definitions: Definitions, engine: Engine, asked: ir.Table) -> Iterator[Finding]:
    patients = engine.collect(asked, lambda _: None).to_pylist()[0]["patients"]
    if patients:
        remedy = "" if definitions.continuity.at_end else "With at_end = true only the list of the last day counts."
        what = f"patients who count on more than one list: {patients:,}."
        yield Finding(what, remedy, severity="note")


def _write_patients(batches: Iterator[Any], path: Path) -> int:
    first = next(batches, None)
    if first is None:
        raise DataError([Finding("no indicator is due to any patient, so there are no rows of patients.")])

    def rows() -> Iterator[Any]:
        yield first
        yield from batches

    return write_batches(first.schema, rows(), path)


class _Totals:
    """The sums by list (and group) as arrays, ordered alike whatever engine made them."""

    def __init__(self, definitions: Definitions, table: Any) -> None:
        import numpy as np  # noqa: PLC0415  (--help does without)

        from xl_qbs.aggregate import persons  # noqa: PLC0415  (as above)

        self.definitions = definitions
        self.grouped = definitions.groups is not None
        if not table.num_rows:
            raise ExtractError("Nobody in the extracts is on a list, so there is nothing to count.")
        providers = table.column(persons.PROVIDER).to_pylist()
        groups = table.column(persons.GROUP).to_pylist() if self.grouped else [""] * len(providers)
        order = sorted(range(len(providers)), key=lambda row: (providers[row], groups[row]))
        self.row_providers = [providers[row] for row in order]
        self.row_groups = [groups[row] for row in order]
        self.providers = list(dict.fromkeys(self.row_providers))
        starts = [row for row, one in enumerate(self.row_providers) if not row or self.row_providers[row - 1] != one]
        self._starts = np.array(starts, dtype=np.intp)

        def sums(name: str) -> NDArray[np.float64]:
            taken: NDArray[np.float64] = np.nan_to_num(np.array(table.column(name).to_pylist(), dtype=float))[order]
            return taken

        pairs = range(len(definitions.codes))
        self._listed, self._aged = sums(persons.LISTED), sums(persons.AGED)
        self._counts = {
            "target": [sums(persons.target(place)) for place in pairs],
            "done": [sums(persons.done(place)) for place in pairs],
        }

    @property
    def listed(self) -> int:
        """Patients who count on a list."""
        return int(self._listed.sum())

    def sums(self, what: str) -> dict[str, int]:
        """Return the sum of each pair over all lists."""
        return {code: int(one.sum()) for code, one in zip(self.definitions.codes, self._counts[what], strict=True)}

    def by_list(self) -> dict[str, Any]:
        """Return the indicator table's columns, a row a list."""
        import numpy as np  # noqa: PLC0415  (as above)

        size = self._of_list(self._listed)
        made: dict[str, Any] = {"provider": self.providers, "period": [self.definitions.period] * len(self.providers)}
        made["list size"] = size.astype(np.int64)
        if self.definitions.people is not None and self.definitions.people.born:
            years = self._of_list(self._aged)
            made["mean age"] = [
                round(total / count, 2) if count else None for total, count in zip(years, size, strict=True)
            ]
        for place, code in enumerate(self.definitions.codes):
            for what in ("target", "done"):
                made[f"{code} {what}"] = self._of_list(self._counts[what][place]).astype(np.int64)
        return made

    def by_group(self) -> dict[str, Any]:
        """Return the table by group, a row a list, indicator and group, as `xl-qbs equity` reads it."""
        import numpy as np  # noqa: PLC0415  (as above)

        codes = self.definitions.codes
        n, x = (np.column_stack(self._counts[what]).astype(np.int64) for what in ("target", "done"))
        rows, pairs = np.divmod(np.arange(n.size), len(codes))
        # A list's rows stand together, and in them an indicator's.
        order = np.lexsort((rows, pairs, np.searchsorted(self._starts, rows, side="right")))
        return {
            "provider": [self.row_providers[row] for row in rows[order]],
            "indicator": [codes[pair] for pair in pairs[order]],
            "group": [self.row_groups[row] for row in rows[order]],
            "n": n.ravel()[order],
            "x": x.ravel()[order],
        }

    def findings(self) -> Iterator[Finding]:
        """Yield what a reader of the table has to know."""
        for code, total in self.sums("target").items():
            if not total:
                remedy = "Look at its denominator, and at how the extract writes codes."
                yield Finding(f"nobody is in the target population of {code}.", remedy, severity="warning")

    def _of_list(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np  # noqa: PLC0415  (as above)

        summed: NDArray[np.float64] = np.add.reduceat(values, self._starts)
        return summed
