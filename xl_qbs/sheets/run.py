"""What a result book is made from: a scoring result, the fund's own cells, and the facts of the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from xl_qbs.errors import Finding
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.model import Label, SourceBlock
from xl_qbs.sheets.room import Room

# Names of the sheets; a book's prefix stands before them.
ABOUT = Label("About", "Teave")
SCHEME = Label("Scheme", "Skeem")
DATA_CHECKS = Label("Data checks", "Andmekontroll")
COVERAGE = Label("Coverage", "Hõlmatus")
PRIOR = Label("Prior", "Eeljaotus")
WEIGHTS = Label("Weights", "Kaalud")
SCORES = Label("Scores", "Punktid")
CHECKS = Label("Checks", "Kontrollid")
CHARTS = Label("Charts", "Joonised")
CHART_DATA = Label("Chart data", "Joonise andmed")


@dataclass(frozen=True)
class Sources:
    """The fund's own cells that the result sheets refer to.

    Attributes:
        providers: the lists' ids, shape (N, 1).
        target: target population, shape (N, k).
        done: actual work done, shape (N, k).
        coefficient: coefficients, shape (N, 1), or None.
    """

    providers: SourceBlock
    target: SourceBlock
    done: SourceBlock
    coefficient: SourceBlock | None = None


@dataclass(frozen=True)
class Run:
    """One scoring run as it is to be shown.

    Attributes:
        result: the scores and all that leads to them.
        sources: the fund's own cells; None in a template, which has a sheet of data instead.
        input_name: name of the scored file, without its folder.
        input_hash: SHA-256 of the scored file.
        time: when it was scored, ISO 8601.
        data_range: the range that was read, such as ``Andmed 2019!A11:AX791``.
        findings: what was found in the data, besides the result's own warnings.
        options: the options of the run as a user would type them.
        record: the run log for the audit, as texts of cells, its checksum last; empty for none.
        space: cells for more lists and indicators than were scored; None for just as many.
    """

    result: Result
    sources: Sources | None
    input_name: str
    input_hash: str
    time: str
    data_range: str
    findings: tuple[Finding, ...] = field(default=())
    options: str = ""
    record: tuple[str, ...] = ()
    space: Room | None = None

    @property
    def room(self) -> Room:
        """The cells that the sheets have for lists and indicators."""
        return self.space or Room.exact(*self.result.table.target.shape)
