"""What was typed for ``xl-qbs efficiency``, as the models take it; what cannot be is refused before any work."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import ArgumentError
from xl_qbs.jobs.efficiency import PatientFile
from xl_qbs.report import typed

if TYPE_CHECKING:
    from xl_qbs.efficiency.analysis import Options, ProgramOption
    from xl_qbs.efficiency.harmonisation import Specification
    from xl_qbs.workbook.efficiency import Facts

# numpy and the models are imported inside the functions, so that --help and a mistyped option are answered at once.

# Fields of `Options` that have an option of their own.
_FIELDS = (
    "quality_weights", "quality_shares", "cost_shares", "class_shares", "own_quality_hurdle", "own_cost_hurdle",
    "quality_hurdle_share", "cost_hurdle_share", "failing", "value", "reference_quality", "reference_cost",
    "error_correlation", "star_floor", "star_ceiling", "returns", "orientation", "distribution", "level",
)  # fmt: skip
_OF_PATIENTS = ("patient_provider", "patient_quality", "patient_cost", "patient_sheet", "risk")
# What a program's parameter is written as; a number if not here.
_WRITTEN = {"version": "overall|within", "quality_shares": "0.33,0.67", "cost_shares": "0.25,0.75"}
_NUMBERS = {"quality_weight": 0.5, "share": 0.5, "significance": 0.1, "share_of_average": 1.1, "sides": 2}
_VERSIONS = ("overall", "within")
# Columns of the table that the rules of some programs need.
_RULE_COLUMNS: Mapping[str, tuple[str, str]] = {
    "designation": ("volume", "the episodes of each provider"),
    "not-significantly-above": ("cost_error", "the standard errors of spending"),
}


def options_of(given: Mapping[str, Any]) -> Options:
    """Return what the models are to assume.

    Raises:
        ArgumentError: options out of their range, models or a program that do not exist, parameters of a program
            that are missing; each as it was typed.
    """
    from xl_qbs.efficiency.analysis import MODELS, Options  # noqa: PLC0415  (see above)
    from xl_qbs.efficiency.option_checks import option_problems  # noqa: PLC0415  (see above)

    options = Options(
        cost_is=given["cost_is"],
        models=given.get("models") or None,
        program=given.get("program") or "",
        program_options=_program_options(given.get("program_options", ())),
        **{name: given[name] for name in _FIELDS if name in given},
    )
    problems = [f"{_option(one.field)} {_as_typed(one.value)}: {one.must}." for one in option_problems(options, MODELS)]
    if problems:
        raise ArgumentError("\n".join(problems))
    if "program" in given:
        _check_program(options, given)
    return options


def columns_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return which columns mean what, as `read_provider_table` takes them.

    Raises:
        ArgumentError: options that nothing would come of.
    """
    from xl_qbs.workbook.provider_table import NEED_ADJUSTED  # noqa: PLC0415  (see above)

    if given["scored"] is not None and given["quality"] != NEED_ADJUSTED:
        raise ArgumentError(f"--scored is for --quality {NEED_ADJUSTED}, and quality is '{given['quality']}'.")
    if (given["inputs"] or given["outputs"]) and given["models"] and "envelopment" not in given["models"]:
        raise ArgumentError("--inputs and --outputs are for the model envelopment, which is not among --models.")
    names = ("quality", "cost", "provider", "sheet", "scored", "quality_error", "cost_error", "volume", "area")
    return {name: given[name] for name in names}


def patients_of(given: Mapping[str, Any]) -> PatientFile | None:
    """Return the file of patient rows and its columns, or None.

    Raises:
        ArgumentError: its columns are named and it is not.
    """
    if given["patients"] is None:
        alone = [_option(name) for name in _OF_PATIENTS if given[name]]
        if alone:
            raise ArgumentError(f"--patients FILE is missing: {', '.join(alone)} is about its columns.")
        return None
    return PatientFile(
        path=given["patients"],
        provider=given["patient_provider"],
        quality=given["patient_quality"] or "quality",
        cost=given["patient_cost"] or "cost",
        risk=given["risk"],
        sheet=given["patient_sheet"],
    )


def facts_of(given: Mapping[str, Any]) -> Facts:
    """Return what the sheets say of the run besides its numbers."""
    from xl_qbs.workbook.efficiency import Facts  # noqa: PLC0415  (see above)

    return Facts(
        typed=typed(), quality=_about(given["quality_about"]), cost=_about(given["cost_about"]), prices=given["prices"]
    )


def _about(words: tuple[str, str, str] | None) -> Specification:
    from xl_qbs.efficiency.harmonisation import Specification  # noqa: PLC0415  (see above)

    patients, period, risk = words or (None, None, None)
    return Specification(patients=patients, period=period, risk_adjustment=risk)


def _option(field: str) -> str:
    """Return the option that sets a field."""
    return "--" + field.removeprefix("own_").replace("_", "-")


def _as_typed(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _program_options(words: Sequence[str]) -> dict[str, ProgramOption]:
    """Return the values of NAME=VALUE."""
    found: dict[str, ProgramOption] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip().replace("-", "_")
        if not (name and equals and text.strip()):
            raise ArgumentError(f"--program-option {word}: must be NAME=NUMBER, such as hurdle=70.")
        if name in found:
            raise ArgumentError(f"--program-option {word}: {name} is given twice.")
        found[name] = _program_option(name, text.strip(), word)
    return found


def _program_option(name: str, text: str, word: str) -> ProgramOption:
    if name == "version":
        if text not in _VERSIONS:
            raise ArgumentError(f"--program-option {word}: must be version={' or version='.join(_VERSIONS)}.")
        return text
    try:
        numbers = tuple(float(one) for one in text.split(","))
    except ValueError:
        numbers = ()
    wanted = 2 if name in _WRITTEN else 1
    if len(numbers) != wanted or not all(map(math.isfinite, numbers)):
        example = _WRITTEN.get(name) or _NUMBERS.get(name, 70)
        what = "a number" if wanted == 1 else "two numbers"
        raise ArgumentError(f"--program-option {word}: must be {what}, such as {name}={example}.")
    return numbers if wanted == 2 else numbers[0]


def _check_program(options: Options, given: Mapping[str, Any]) -> None:
    """Refuse a program that does not exist or is unclear, and one of which something is missing."""
    from xl_qbs.efficiency.programs import program, programs  # noqa: PLC0415  (see above)

    if not options.program:
        if options.program_options:
            raise ArgumentError("--program-option needs --program NAME; --list-programs shows the names.")
        return
    names = [one.key for one in programs()]
    if options.program not in names:
        near = difflib.get_close_matches(options.program, names, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ArgumentError(
            f"--program {options.program}: there is none.{hint} --list-programs shows all {len(names)}."
        )
    chosen = program(options.program)
    own = options.program_options
    if chosen.approach != "unclear":
        missing = [(name, what) for name, what in chosen.unstated.items() if name not in own]
        lines = [f"  --program-option {name}={_WRITTEN.get(name, 'NUMBER')}   {what}" for name, what in missing]
        column, what = _RULE_COLUMNS.get(chosen.rule, ("", ""))
        if column and given[column] is None:
            lines.append(f"  {_option(column)} HEADING   {what}")
        if lines:
            told = f"{chosen.name}: Exhibit 1 does not state what its rule needs, and it is not guessed. Give yours:"
            raise ArgumentError("\n".join([told, *lines]))
    chosen.parameters(own)
