"""Whether the need-adjusted score is fairer than the one in force, by rank correlation, in one honest sentence."""

from __future__ import annotations

from collections.abc import Mapping

from xl_qbs.diagnosis.association import Verdict
from xl_qbs.diagnosis.fairness import Fairness
from xl_qbs.sheets.model import Label

VERDICTS: Mapping[Verdict, Label] = {
    "nearer to zero": Label("nearer to zero", "nullile lähemal"),
    "further from zero": Label("further from zero", "nullist kaugemal"),
    "cannot be told": Label("cannot be told", "ei saa öelda"),
}


def fairer_under(found: Fairness) -> tuple[str, ...]:
    """Return the rules of the prior under which the need-adjusted score is shown to be nearer to zero."""
    return tuple(rule for rule, verdict in _by_rule(found).items() if verdict == "nearer to zero")


def verdict_sentence(found: Fairness) -> Label:
    """Return one sentence: under which prior the need-adjusted score is fairer by this measure, and where not.

    Fairer means that the rank correlation with eligible patients is nearer to zero than that of the score in
    force, and that drawn lists leave no doubt of it at the level asked for.
    """
    rules = _by_rule(found)
    better = fairer_under(found)
    others = {rule: verdict for rule, verdict in rules.items() if rule not in better}
    why = Label(
        "; ".join(f"{rule}: {VERDICTS[verdict].en}" for rule, verdict in others.items()),
        "; ".join(f"{rule}: {VERDICTS[verdict].et}" for rule, verdict in others.items()),
    )
    if not better:
        return Label(
            f"By this measure the need-adjusted score is not shown to be fairer than the current one under any prior "
            f"({why.en}).",
            f"Selle mõõdiku järgi ei saa ühegi eeljaotuse puhul väita, et vajaduspõhine skoor on kehtivast õiglasem "
            f"({why.et}).",
        )
    named = ", ".join(better)
    english = f"By this measure the need-adjusted score is fairer than the current one with the prior {named}"
    estonian = f"Selle mõõdiku järgi on vajaduspõhine skoor kehtivast õiglasem eeljaotusega {named}"
    if others:
        return Label(f"{english}; not shown with the others ({why.en}).", f"{estonian}; teistega mitte ({why.et}).")
    return Label(f"{english}.", f"{estonian}.")


def _by_rule(found: Fairness) -> dict[str, Verdict]:
    return {
        name.rpartition(", ")[2]: one.verdict
        for name, one in found.against_current.items()
        if name.startswith("need-adjusted")
    }
