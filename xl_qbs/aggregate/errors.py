"""The ways in which counting patient rows can fail, besides faults of the data."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs.errors import QbsError, WorkbookError

# More than these nobody reads at a time.
_MOST_SHOWN = 100


class DefinitionsError(QbsError):
    """The definitions of indicators are incomplete or contradict themselves; carries every problem."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{source}: 1 problem" if count == 1 else f"{source}: {count} problems"
        lines = [f"{head} in the definitions:", *(f"  {problem}" for problem in self.problems[:_MOST_SHOWN])]
        if count > _MOST_SHOWN:
            lines.append(f"  ... and {count - _MOST_SHOWN:,} more.")
        super().__init__("\n".join(lines))


class PackageMissingError(QbsError):
    """A package that only counting patient rows, or Parquet, needs is not installed."""


class ExtractError(WorkbookError):
    """An extract cannot be read, or has not the columns that the definitions name."""


class EngineFailedError(QbsError):
    """DuckDB or Spark gave up, for want of memory or of Java, or on a file that is damaged."""
