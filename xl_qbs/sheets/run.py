"""What a result book is made from: a scoring result, the fund's own cells, and the facts of the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from xl_qbs.errors import Finding
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.model import Label, SourceBlock

# Names of the result sheets. They begin alike so that they stand together and are known again.
ABOUT = Label("QBS About", "QBS Teave")
SCHEME = Label("QBS Scheme", "QBS Skeem")
DATA_CHECKS = Label("QBS Data checks", "QBS Andmekontroll")
COVERAGE = Label("QBS Coverage", "QBS Hõlmatus")
PRIOR = Label("QBS Prior", "QBS Eeljaotus")
WEIGHTS = Label("QBS Weights", "QBS Kaalud")
SCORES = Label("QBS Scores", "QBS Punktid")
CHECKS = Label("QBS Checks", "QBS Kontrollid")
CHARTS = Label("QBS Charts", "QBS Joonised")
CHART_DATA = Label("QBS Chart data", "QBS Joonise andmed")


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
        sources: the fund's own cells.
        input_name: name of the scored file, without its folder.
        input_hash: SHA-256 of the scored file.
        time: when it was scored, ISO 8601.
        data_range: the range that was read, such as ``Andmed 2019!A11:AX791``.
        findings: what was found in the data, besides the result's own warnings.
        options: the options of the run as a user would type them.
    """

    result: Result
    sources: Sources
    input_name: str
    input_hash: str
    time: str
    data_range: str
    findings: tuple[Finding, ...] = field(default=())
    options: str = ""
