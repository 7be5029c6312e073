"""The engines that run the expressions: DuckDB inside this process, or Spark; both alike to who uses them."""

from __future__ import annotations

import contextlib
import glob
import importlib.util
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from xl_qbs.aggregate.errors import EngineFailedError, PackageMissingError
from xl_qbs.jobs.aggregate_extract import Extract, check_names

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

EngineName = Literal["duckdb", "spark"]
Progress = Callable[[float], None]

# How often progress is asked for, in seconds.
_PATIENCE = 0.2
# Spark's partitions after a grouping on one machine; its own default of 200 is for clusters.
_LOCAL_PARTITIONS = 16
_EXTRAS = {
    "duckdb": ("aggregate", ("ibis", "duckdb", "pyarrow")),
    "spark": ("cluster", ("ibis", "pyspark", "pyarrow")),
}
_MEMORY = re.compile(r"[1-9][0-9]*(?:[.][0-9]+)?\s?(?:MB|GB|TB|MiB|GiB|TiB)")


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """How to run.

    Attributes:
        name: ``duckdb`` or ``spark``.
        memory: the most memory that the engine takes, such as ``2GB``; more goes to the disk.
        threads: so many at once; None for one a processor.
        master: where Spark runs; ``local[*]`` is this machine.
    """

    name: EngineName = "duckdb"
    memory: str = "2GB"
    threads: int | None = None
    master: str = "local[*]"


class Engine(Protocol):
    """Runs Ibis expressions."""

    def read(self, extract: Extract) -> ir.Table:
        """Return an extract as a table; columns of text files are texts."""

    def keep(self, rows: ir.Table, progress: Progress) -> ir.Table:
        """Return a table whose rows are there, so that what is made of it does not make them again."""

    def collect(self, rows: ir.Table, progress: Progress) -> pa.Table:
        """Return all rows."""

    def batches(self, rows: ir.Table) -> Iterator[pa.RecordBatch]:
        """Yield the rows, some at a time."""


@contextlib.contextmanager
def open_engine(options: EngineOptions) -> Iterator[Engine]:
    """Start an engine, and stop it at the end; its files are removed.

    Raises:
        PackageMissingError: a package that it needs is not installed.
        EngineFailedError: it does not start, or what it is given to do fails.
    """
    check_packages(options.name)
    with tempfile.TemporaryDirectory(prefix="xl_qbs_", ignore_cleanup_errors=True) as folder:
        start = _duckdb if options.name == "duckdb" else _spark
        with _failures(options), start(options, Path(folder)) as engine:
            yield engine


def check_packages(engine: EngineName) -> None:
    """Refuse to start without the packages of an engine.

    Raises:
        PackageMissingError: one is not installed; says how to get it.
    """
    extra, packages = _EXTRAS[engine]
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise PackageMissingError(f"{' and '.join(missing)} {verb} not installed: pip install 'xl_qbs[{extra}]'.")


class _DuckDB:
    def __init__(self, connection: Any) -> None:
        self.ibis = connection
        self.kept = 0

    def read(self, extract: Extract) -> ir.Table:
        # A path is a pattern to DuckDB; here it means itself.
        paths = [glob.escape(path) for path in extract.paths]
        if extract.form == "parquet":
            return _checked(extract, self.ibis.read_parquet(paths))
        return self.ibis.read_csv(
            paths,
            columns=dict.fromkeys(extract.headings, "VARCHAR"),
            auto_detect=False,
            header=True,
            delim=extract.delimiter,
            quote='"',
            escape='"',
        )

    def keep(self, rows: ir.Table, progress: Progress) -> ir.Table:
        self.kept += 1
        name = f"kept_{self.kept}"
        return self._watched(lambda: self.ibis.create_table(name, rows, temp=True), progress)

    def collect(self, rows: ir.Table, progress: Progress) -> pa.Table:
        return self._watched(lambda: self.ibis.to_pyarrow(rows), progress)

    def batches(self, rows: ir.Table) -> Iterator[pa.RecordBatch]:
        yield from self.ibis.to_pyarrow_batches(rows, chunk_size=100_000)

    def _watched(self, work: Callable[[], Any], progress: Progress) -> Any:
        # DuckDB says -1 where it does not know, and 0 to 100 otherwise.
        return _watched(work, lambda: self.ibis.con.query_progress() / 100, self.ibis.con.interrupt, progress)


@contextlib.contextmanager
def _duckdb(options: EngineOptions, folder: Path) -> Iterator[Engine]:
    import ibis  # noqa: PLC0415  (slow to import)

    settings: dict[str, Any] = {
        # Nothing is fetched: what DuckDB brings along reads CSV and Parquet.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": options.memory,
        "temp_directory": str(folder),
        "preserve_insertion_order": False,
    }
    if options.threads is not None:
        settings["threads"] = options.threads
    connection = ibis.duckdb.connect(**settings)
    try:
        # Progress is there to be asked for, and not drawn over what this program says.
        connection.raw_sql("SET enable_progress_bar = true")
        connection.raw_sql("SET enable_progress_bar_print = false")
        yield _DuckDB(connection)
    finally:
        connection.disconnect()


class _Spark:
    def __init__(self, connection: Any, session: Any) -> None:
        self.ibis, self.session = connection, session
        self.views = 0
        self.kept: list[Any] = []

    def read(self, extract: Extract) -> ir.Table:
        paths = list(extract.paths) if extract.remote else [_spark_path(path) for path in extract.paths]
        if extract.form == "parquet":
            frame = self.session.read.parquet(*paths)
        else:
            how: dict[str, Any] = {"header": True, "quote": '"', "escape": '"', "mode": "FAILFAST", "encoding": "UTF-8"}
            if extract.headings:
                how["schema"] = _texts(extract.headings)
            frame = self.session.read.csv(paths, sep=extract.delimiter, **how)
        self.views += 1
        name = f"xl_qbs_extract_{self.views}"
        frame.createOrReplaceTempView(name)
        return _checked(extract, self.ibis.table(name))

    def keep(self, rows: ir.Table, progress: Progress) -> ir.Table:
        kept = rows.cache()
        self.kept.append(kept)
        # Spark keeps rows once they are made, and makes them when they are first asked for.
        self.collect(kept.count().as_table(), progress)
        return kept

    def collect(self, rows: ir.Table, progress: Progress) -> pa.Table:
        context = self.session.sparkContext
        return _watched(lambda: self.ibis.to_pyarrow(rows), lambda: _share(context), context.cancelAllJobs, progress)

    def batches(self, rows: ir.Table) -> Iterator[pa.RecordBatch]:
        yield from self.ibis.to_pyarrow(rows).to_batches(max_chunksize=100_000)

    def close(self) -> None:
        for one in self.kept:
            one.release()


@contextlib.contextmanager
def _spark(options: EngineOptions, folder: Path) -> Iterator[Engine]:
    import ibis  # noqa: PLC0415  (slow to import)
    from pyspark.sql import SparkSession  # noqa: PLC0415

    running = SparkSession.getActiveSession()
    session = running or _session(options, folder)
    try:
        spark = _Spark(ibis.pyspark.connect(session), session)
        try:
            yield spark
        finally:
            spark.close()
    finally:
        if running is None:
            session.stop()


def _session(options: EngineOptions, folder: Path) -> Any:
    from pyspark.sql import SparkSession  # noqa: PLC0415  (slow to import)

    if not java():
        raise EngineFailedError(
            "Spark needs Java, version 17 or later, and there is none: install it (Debian and Ubuntu: apt-get install "
            "default-jre-headless), or set JAVA_HOME to where it is."
        )
    settings = {
        "spark.driver.memory": options.memory.replace(" ", "").replace("iB", "B").removesuffix("B").lower(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
    }
    master = options.master
    if master.startswith("local"):
        if options.threads is not None and master == "local[*]":
            master = f"local[{options.threads}]"
        # Nobody but this process is to reach it.
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.local.dir": str(folder),
            "spark.sql.shuffle.partitions": str(_LOCAL_PARTITIONS),
        }
    builder = SparkSession.builder.appName("xl_qbs").master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def java() -> str | None:
    """Return where Java is, or None."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def check_memory(memory: str) -> bool:
    """Return whether a text is an amount of memory such as 2GB."""
    return _MEMORY.fullmatch(memory) is not None


def _checked(extract: Extract, table: ir.Table) -> ir.Table:
    check_names(extract.name, table.columns)
    return table


def _texts(headings: tuple[str, ...]) -> Any:
    from pyspark.sql.types import StringType, StructField, StructType  # noqa: PLC0415  (slow to import)

    return StructType([StructField(name, StringType()) for name in headings])


def _spark_path(path: str) -> str:
    """Return a path as Spark takes it: a pattern to it as well, so what has a meaning there is escaped."""
    return Path(re.sub(r"([\[\]{}*?\\])", r"\\\1", str(Path(path).absolute()))).as_posix()


def _share(context: Any) -> float:
    """Return how much of the stages under way is done."""
    tracker = context.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    known = [one for one in stages if one is not None]
    tasks = sum(one.numTasks for one in known)
    return sum(one.numCompletedTasks for one in known) / tasks if tasks else -1.0


def _watched(work: Callable[[], Any], share: Callable[[], float], stop: Callable[[], None], progress: Progress) -> Any:
    """Return what comes of some work, done beside this thread, which tells meanwhile how far it is.

    An interruption ends the work before it goes on to whoever waits.
    """
    result: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # raised again in the thread that waits
            failure.append(error)

    thread = threading.Thread(target=run, name="xl_qbs engine", daemon=True)
    thread.start()
    furthest = 0.0
    try:
        while thread.is_alive():
            thread.join(_PATIENCE)
            # Asking is no reason to fail: the work may have ended in between.
            with contextlib.suppress(Exception):
                furthest = max(furthest, min(share(), 1.0))
            progress(furthest)
    except BaseException:
        stop()
        thread.join()
        raise
    if failure:
        raise failure[0]
    progress(1.0)
    return result[0]


@contextlib.contextmanager
def _failures(options: EngineOptions) -> Iterator[None]:
    """Turn what an engine says when it gives up into one sentence."""
    try:
        yield
    except Exception as error:
        origin = type(error).__module__.partition(".")[0]
        if origin not in {"duckdb", "_duckdb", "pyspark", "py4j", "pyarrow"}:
            raise
        raise EngineFailedError(_sentence(error, options)) from error


def _sentence(error: Exception, options: EngineOptions) -> str:
    name = {"duckdb": "DuckDB", "spark": "Spark"}[options.name]
    text = str(error)
    if type(error).__name__ == "OutOfMemoryException" or "OutOfMemoryError" in text:
        return f"{name} needs more memory than {options.memory}: give it more with --memory, such as --memory 4GB."
    malformed = re.search(r"\[MALFORMED_RECORD_IN_PARSING[^\]]*\]([^\n]*)", text)
    if malformed:
        return f"Spark cannot read the extract:{malformed.group(1)[:300]}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # DuckDB says on later lines what it was asked and what could be tried; the first say what is wrong and where.
    said = " ".join(lines[:3])[:400] if lines else type(error).__name__
    return f"{name} could not do it: {said}"
