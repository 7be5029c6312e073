"""Invented extracts of people and records, of any size and always the same for a seed, to try counting with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import OutputError
from xl_qbs.workbook.atomic import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

DEFINITIONS = "qbs_2018_example.toml"
# So many patients are drawn at a time: memory does not grow with how many there are.
CHUNK = 50_000
_PATIENTS_OF_A_LIST = 1_600
# The period of the example definitions, and the years before it in which records begin.
_END, _DAYS, _YEAR = np.datetime64("2019-12-31"), 4 * 365, 365
_LANGUAGES, _LANGUAGE_SHARES = np.array(["et", "ru", ""], dtype=object), (0.66, 0.28, 0.06)

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]


class _Lines(NamedTuple):
    """Records of one sort: whose, how many days before the period's end, and what."""

    patient: Whole
    ago: Whole
    code: NDArray[Any]
    kind: str


def example_definitions() -> str:
    """Return the text of the example definitions."""
    return resources.files("xl_qbs.aggregate").joinpath(DEFINITIONS).read_text(encoding="utf-8")


def write_example(
    folder: Path, *, patients: int, lists: int | None = None, seed: int = 2019, form: Literal["csv", "parquet"] = "csv"
) -> tuple[Path, Path, Path]:
    """Write the example definitions and invented extracts into a folder.

    The numbers follow no model of the world: they only make every condition of the example hold for some and not for
    others. A patient has about 8 records.

    Args:
        folder: where to write; made where it is missing.
        patients: so many people.
        lists: so many lists; one for 1,600 people if None.
        seed: the same seed gives the same files.
        form: of the two extracts.

    Returns:
        The definitions, the people and the records.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made ({error.strerror or error}).") from error
    lists = lists or max(patients // _PATIENTS_OF_A_LIST, 4)
    definitions, people, records = folder / DEFINITIONS, folder / f"people.{form}", folder / f"records.{form}"
    with whole_file(definitions) as file:
        file.write(example_definitions().encode("utf-8"))
    engagement = np.random.default_rng([seed, 0]).beta(5, 2, lists)
    with _writer(people, form) as write_people, _writer(records, form) as write_records:
        for number, first in enumerate(range(0, patients, CHUNK), start=1):
            ids = np.arange(first, min(first + CHUNK, patients))
            rng = np.random.default_rng([seed, number])
            of_people, of_records = _drawn(ids, engagement, rng)
            write_people(of_people)
            write_records(of_records)
    return definitions, people, records


@contextlib.contextmanager
def _writer(path: Path, form: str) -> Iterator[Any]:
    import pyarrow.csv  # noqa: PLC0415  (slow to import)
    import pyarrow.parquet  # noqa: PLC0415

    writer: Any = None
    with whole_file(path) as file:

        def write(table: pa.Table) -> None:
            nonlocal writer
            if writer is None and form == "parquet":
                writer = pyarrow.parquet.ParquetWriter(file, table.schema)
            elif writer is None:
                how = pyarrow.csv.WriteOptions(quoting_style="needed")
                writer = pyarrow.csv.CSVWriter(file, table.schema, write_options=how)
            writer.write_table(table)

        try:
            yield write
        finally:
            if writer is not None:
                writer.close()


def _drawn(ids: Whole, engagement: NDArray[np.float64], rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Return the people of some ids, and their records."""
    count, lists = len(ids), len(engagement)
    age = np.clip(rng.normal(46, 22, count), 0, 99)
    of_list = rng.integers(0, lists, count)
    engaged = rng.random(count) < engagement[of_list]
    hypertension = rng.random(count) < np.clip((age - 35) / 60, 0.0, 0.7)
    diabetes = rng.random(count) < np.where(hypertension, 0.2, 0.03)
    infarction = rng.random(count) < np.where(hypertension, 0.05, 0.004)
    thyroid = rng.random(count) < 0.04
    risk = np.where(hypertension, rng.choice(["low", "medium", "high"], count, p=(0.35, 0.45, 0.2)), "")
    lines = [
        _some(hypertension, 1, _DAYS, "I10", "diagnosis", rng),
        _some(diabetes, 1, _DAYS, "E11.9", "diagnosis", rng),
        _some(infarction, 1, _DAYS, "I21.4", "diagnosis", rng),
        _some(thyroid, 1, _DAYS, "E03.9", "diagnosis", rng),
        _some(rng.random(count) < 0.9, 7, _DAYS, ["Z00", "J06", "M54", "R05", "K29"], "diagnosis", rng),
        _some(rng.random(count) < 0.8, 6, _DAYS, ["VISIT", "NURSE", "PHONE"], "service", rng),
    ]
    ill = hypertension | diabetes | infarction
    for code in ("CHOLESTEROL", "GLUCOSE", "CREATININE"):
        lines.append(_some(ill & engaged & (rng.random(count) < 0.93), 1, _YEAR, code, "service", rng))
        lines.append(_some(ill & ~engaged & (rng.random(count) < 0.35), 1, 3 * _YEAR, code, "service", rng))
    lines.append(_some(diabetes & (engaged | (rng.random(count) < 0.3)), 2, _YEAR, "HBA1C", "service", rng))
    lines.append(_some(thyroid & (engaged | (rng.random(count) < 0.4)), 1, _YEAR, "TSH", "service", rng))
    for who, codes, share in (
        (hypertension, ["C09AA05", "C08CA01", "C07AB02", "C03BA11"], 0.85),
        (diabetes, ["A10BA02", "A10BD07"], 0.75),
        (infarction, ["C07AB02", "C10AA05"], 0.8),
    ):
        lines.append(_some(who & (rng.random(count) < share), 5, _YEAR, codes, "prescription", rng))
    return _people(ids, age, of_list, lists, risk, rng), _records(ids, lines, rng)


def _some(who: Mask, most: int, days: int, codes: str | list[str], kind: str, rng: np.random.Generator) -> _Lines:
    """Return 1 to ``most`` records of each patient who has any, on days before the period's end."""
    chosen = np.flatnonzero(who)
    patient = np.repeat(chosen, rng.integers(1, most + 1, len(chosen)))
    named = np.array([codes] if isinstance(codes, str) else codes, dtype=object)
    return _Lines(patient, rng.integers(0, days, len(patient)), named[rng.integers(0, len(named), len(patient))], kind)


def _people(
    ids: Whole, age: NDArray[np.float64], of_list: Whole, lists: int, risk: NDArray[Any], rng: np.random.Generator
) -> pa.Table:
    """Return a row a patient, and two for those who changed lists in the period."""
    import pyarrow as pa  # noqa: PLC0415  (slow to import)

    count = len(ids)
    born = _END - (age * 365.25).astype("timedelta64[D]")
    since = np.maximum(_END - rng.integers(200, 6_000, count).astype("timedelta64[D]"), born)
    moved = np.flatnonzero(rng.random(count) < 0.02)
    change = _END - rng.integers(1, 364, len(moved)).astype("timedelta64[D]")
    until = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
    until[moved] = change
    on_list = np.concatenate([of_list, (of_list[moved] + 1) % lists])
    rows = np.concatenate([np.arange(count), moved])
    first = np.concatenate(
        [np.minimum(since, np.where(np.isnat(until), since, until)), change + np.timedelta64(1, "D")]
    )
    last = np.concatenate([until, np.full(len(moved), np.datetime64("NaT"), dtype="datetime64[D]")])
    sexes = np.where(rng.random(count) < 0.47, "M", "F")
    languages = rng.choice(_LANGUAGES, count, p=_LANGUAGE_SHARES)
    return pa.table(
        {
            "patient": _labels("P", ids[rows], 8),
            "list": _labels("N", on_list + 1, 4),
            "from": pa.array(first),
            "to": pa.array(last),
            "born": pa.array(born[rows]),
            "sex": pa.array(sexes[rows].astype(object)),
            "language": pa.array([one or None for one in languages[rows]], pa.string()),
            "risk": pa.array([one or None for one in risk[rows].astype(object)], pa.string()),
        }
    )


def _records(ids: Whole, lines: list[_Lines], rng: np.random.Generator) -> pa.Table:
    """Return the records in the order of their days, as a bill system has them, not by patient."""
    import pyarrow as pa  # noqa: PLC0415  (slow to import)

    patient = np.concatenate([one.patient for one in lines])
    ago = np.concatenate([one.ago for one in lines])
    kind = np.repeat([one.kind for one in lines], [len(one.patient) for one in lines])
    code = np.concatenate([one.code for one in lines])
    substance = np.where(kind == "prescription", np.where(rng.random(len(kind)) < 0.9, "yes", "no"), "")
    amount = np.round(rng.gamma(2.0, 12.0, len(kind)), 2)
    order = np.argsort(-ago, kind="stable")
    return pa.table(
        {
            "patient": _labels("P", ids[patient[order]], 8),
            "date": pa.array(_END - ago[order].astype("timedelta64[D]")),
            "kind": pa.array(kind[order].astype(object)),
            "code": pa.array(code[order]),
            "substance": pa.array([one or None for one in substance[order].astype(object)], pa.string()),
            "amount": pa.array(amount[order]),
        }
    )


def _labels(letter: str, numbers: Whole, digits: int) -> pa.Array:
    """Return ids such as N0017."""
    import pyarrow as pa  # noqa: PLC0415  (slow to import)
    from pyarrow import compute  # noqa: PLC0415

    padded = compute.utf8_lpad(pa.array(numbers).cast(pa.string()), width=digits, padding="0")
    return compute.binary_join_element_wise(letter, padded, "")
