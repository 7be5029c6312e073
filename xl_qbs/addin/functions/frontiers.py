"""Efficiency as the distance to the best: data envelopment and the stochastic frontier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xl_qbs.addin.calls import RowsTogether
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import EFFICIENCY, NOTHING
from xl_qbs.addin.functions.shared import LANGUAGE, LANGUAGES, NO_SCIPY, choice
from xl_qbs.efficiency.envelopment import ORIENTATIONS, RETURNS, envelopment
from xl_qbs.efficiency.frontier import DISTRIBUTIONS, ESTIMATORS, KINDS, NO_GAIN, NO_NOISE, WRONG_SKEW, Frontier
from xl_qbs.efficiency.frontier import frontier as fit_frontier
from xl_qbs.efficiency.frontier_likelihood import ALL_INEFFICIENCY, AT_BOUND, NOT_FOUND
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_ENVELOPMENT_RESULTS = ("efficiency", "super-efficiency")
_FRONTIER_RESULTS = ("efficiency", "inefficiency", "estimates")
# What a fit can remark, in Estonian.
_REMARKS = {
    WRONG_SKEW: "Jääkide asümmeetria on seda laadi ebatõhususe jaoks vale suunaga: ebatõhusust ei leitud ja kõigi "
    "osutajate tõhusus on 1. See ei näita, et kõik on tõhusad; need andmed ei saa seda öelda.",
    NO_GAIN: "Ebatõhusus ei lisa tõepärale midagi: seda ei leitud ja kõigi osutajate tõhusus on 1. See ei näita, et "
    "kõik on tõhusad; need andmed ei saa seda öelda.",
    NO_NOISE: "Momendid ei jäta juhusele ruumi (dispersioon on negatiivne): kogu kaugus rajajoonest loetakse "
    "ebatõhususeks. Eelista tõepära.",
    AT_BOUND: "Kärbitud normaaljaotus jõudis oma piirini (mu on 10 sigma_u): need andmed ei ütle, milline on mu. "
    "Kasuta eksponent- või poolnormaaljaotust.",
    ALL_INEFFICIENCY: "Tõepära ei jäta juhusele ruumi: kogu kaugus rajajoonest loetakse ebatõhususeks.",
    NOT_FOUND: "Tõepäral ei ole antud hinnangute lähedal selget maksimumi: ära tugine nende standardvigadele.",
}


def envelopment_efficiency(
    given: Array, produced: Array, returns: str = "constant", orientation: str = "input", result: str = "efficiency"
) -> Array:
    """Return efficiency by data envelopment, or efficiency against the others only."""
    wanted = choice(result, _ENVELOPMENT_RESULTS)
    found = envelopment(
        given,
        produced,
        returns=choice(returns, RETURNS),
        orientation=choice(orientation, ORIENTATIONS),
        super_efficiency=wanted == "super-efficiency",
    )
    return found.efficiency if wanted == "efficiency" else found.super_efficiency


def frontier_efficiency(
    outcome: Array,
    given: Array,
    kind: str = "production",
    distribution: str = "half-normal",
    estimator: str = "likelihood",
    result: str = "efficiency",
    language: str = "en",
) -> Array | tuple[tuple[Any, ...], ...]:
    """Return efficiency or inefficiency by a stochastic frontier, or a table of its estimates."""
    wanted, words = choice(result, _FRONTIER_RESULTS), choice(language, LANGUAGES)
    found = fit_frontier(
        outcome,
        given,
        kind=choice(kind, KINDS),
        distribution=choice(distribution, DISTRIBUTIONS),
        estimator=choice(estimator, ESTIMATORS),
    )
    if wanted == "estimates":
        remark = found.remark if words == "en" else _REMARKS.get(found.remark, found.remark)
        return (
            tuple(one.say(words) for one in _HEADINGS),
            *((label.say(words), value, error) for label, value, error in _estimates(found)),
            (_REMARK.say(words), remark, None),
        )
    return found.efficiency if wanted == "efficiency" else found.inefficiency


def _estimates(found: Frontier) -> Iterator[tuple[Label, float, float | None]]:
    """Yield labels with their estimates and standard errors, which only coefficients have."""
    names = [Label("Intercept", "Vabaliige")]
    names += [Label(f"Input {number}", f"Sisend {number}") for number in range(1, len(found.coefficients))]
    yield from zip(names, found.coefficients.tolist(), found.coefficient_errors.tolist(), strict=True)
    yield Label("Noise (sigma_v)", "Müra (sigma_v)"), found.noise, None
    yield Label("Inefficiency (sigma_u, or its mean)", "Ebatõhusus (sigma_u või keskmine)"), found.scale, None
    yield Label("Location (mu)", "Asukoht (mu)"), found.location, None
    yield Label("Sigma squared", "Sigma ruudus"), found.sigma_squared, None
    yield Label("Gamma", "Gamma"), found.gamma, None
    yield Label("Log likelihood", "Tõepära logaritm"), found.log_likelihood, None
    yield Label("The same without inefficiency", "Sama ilma ebatõhususeta"), found.ols_log_likelihood, None
    if found.test is not None:
        yield Label("Test of no inefficiency", "Ebatõhususe puudumise test"), found.test.statistic, None
        yield Label("Its p value", "Selle p-väärtus"), found.test.p_value, None
    yield Label("Mean efficiency", "Keskmine tõhusus"), float(found.efficiency.mean()), None


_HEADINGS = (Label("Estimate", "Hinnang"), Label("Value", "Väärtus"), Label("Standard error", "Standardviga"))
_REMARK = Label("Remark", "Märkus")
_INPUTS = Argument(
    "inputs",
    Label(
        "What each provider uses, from 0, less is better: spending, never cost performance. A row a provider, a column "
        "an input.",
        "Mida iga osutaja kasutab, alates 0-st, väiksem on parem: kulu, mitte kulutulemus. Reas osutaja, veerus "
        "sisend.",
    ),
)
_OUTPUTS = Argument(
    "outputs",
    Label(
        "What each provider produces, from 0, more is better: quality on a scale with a true 0 (a z score has none). "
        "A row a provider, a column an output.",
        "Mida iga osutaja annab, alates 0-st, suurem on parem: kvaliteet tegeliku nullpunktiga skaalal (z-skooril seda "
        "ei ole). Reas osutaja, veerus väljund.",
    ),
)
_RETURNS = Argument(
    "returns",
    Label(
        "Returns to scale: constant (default), variable, non-increasing or non-decreasing.",
        "Mastaabitulu: constant (vaikimisi; püsiv), variable (muutuv), non-increasing (mittekasvav) või non-decreasing "
        "(mittekahanev).",
    ),
    "text",
    "constant",
)
_ORIENTATION = Argument(
    "orientation",
    Label(
        "input (default; the same quality for less) or output (more quality for the same).",
        "input (vaikimisi; sama kvaliteet vähemaga) või output (rohkem kvaliteeti samaga).",
    ),
    "text",
    "input",
)
_ENVELOPMENT_RESULT = Argument(
    "result",
    Label(
        "What is given: efficiency (default; at most 1), or super-efficiency (against the others only, above 1 for the "
        "efficient; #N/A where no others do as much).",
        "Mida antakse: efficiency (vaikimisi; kuni 1) või super-efficiency (ainult teistega võrreldes, tõhusatel üle "
        "1; #N/A, kui teised nii palju ei suuda).",
    ),
    "text",
    "efficiency",
)
_OUTCOME = Argument(
    "outcome",
    Label(
        "What each provider produces (for a production frontier), or what it costs (for a cost frontier); in "
        "logarithms if efficiency is to be a share, or z scores of quality.",
        "Mida iga osutaja annab (tootmise rajajoon) või mida see maksab (kulu rajajoon); logaritmides, kui tõhusus "
        "peab olema osa, või kvaliteedi z-skoorid.",
    ),
)
_GIVEN = Argument(
    "inputs",
    Label(
        "What the outcome is explained by, a row a provider, a column an input; in logarithms where the outcome is, or "
        "z scores of cost performance.",
        "Mille järgi tulemust seletatakse, reas osutaja, veerus sisend; logaritmides, kui tulemus on, või kulutulemuse "
        "z-skoorid.",
    ),
)
_KIND = Argument(
    "kind",
    Label(
        "production (default; inefficiency lowers the outcome) or cost (it raises it).",
        "production (vaikimisi; ebatõhusus vähendab tulemust) või cost (kulu; ebatõhusus suurendab seda).",
    ),
    "text",
    "production",
)
_DISTRIBUTION = Argument(
    "distribution",
    Label(
        "Of the inefficiency: half-normal (default), exponential or truncated-normal, which needs thousands of "
        "providers.",
        "Ebatõhususe jaotus: half-normal (vaikimisi; poolnormaal), exponential või truncated-normal (kärbitud normaal, "
        "vajab tuhandeid osutajaid).",
    ),
    "text",
    "half-normal",
)
_ESTIMATOR = Argument(
    "estimator",
    Label(
        "likelihood (default), or corrected-moments (closed form; not with truncated-normal).",
        "likelihood (vaikimisi; suurim tõepära) või corrected-moments (parandatud momendid; mitte jaotusega "
        "truncated-normal).",
    ),
    "text",
    "likelihood",
)
_FRONTIER_RESULT = Argument(
    "result",
    Label(
        "What is given: efficiency (default), inefficiency (in units of the outcome), or estimates (a table of the "
        "frontier's numbers, with what the reader must know).",
        "Mida antakse: efficiency (vaikimisi; tõhusus), inefficiency (ebatõhusus tulemuse ühikutes) või estimates "
        "(rajajoone arvude tabel koos sellega, mida lugeja peab teadma).",
    ),
    "text",
    "efficiency",
)
_ENVELOPMENT_NUM = (
    CellError.NUM,
    Label(
        "There are fewer than 3 providers, a number is negative, a provider has no input above 0, or a column is 0 "
        "throughout.",
        "Osutajaid on alla 3, mõni arv on negatiivne, osutajal ei ole ühtki sisendit üle 0 või on veerus ainult "
        "nullid.",
    ),
)
_FRONTIER_NUM = (
    CellError.NUM,
    Label(
        "There are too few providers for the inputs, a column is the same throughout, inputs repeat each other, or "
        "they explain the outcome without a remainder; or corrected-moments with truncated-normal.",
        "Osutajaid on sisendite jaoks liiga vähe, mõni veerg on läbivalt sama, sisendid korduvad üksteises või "
        "seletavad tulemuse jäägita; või corrected-moments jaotusega truncated-normal.",
    ),
)
_BLOCKS_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has a gap; the ranges differ in their rows; or an "
        "option is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutaja andmetes on lünk; vahemikes on eri arv ridu; või ei ole "
        "valik nimetatute seas.",
    ),
)
_FIVE = {"B2:C6": ((2, 5), (2, 4), (6, 6), (3, 2), (6, 2)), "D2:D6": ((1,), (2,), (3,), (1,), (2,))}
_TEN = {
    "B2:B11": ((1.3,), (2.4,), (3.2,), (3.4,), (5.3,), (6.2,), (6.6,), (8.4,), (8.7,), (10.4,)),
    "C2:C11": ((1,), (2,), (3,), (4,), (5,), (6,), (7,), (8,), (9,), (10,)),
}

FUNCTIONS = (
    Function(
        name="QBS_DEA",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by data envelopment analysis, 0 to 1: the share of its inputs with which the best combinations "
            "of providers would do as much. Every difference counts as inefficiency, none as luck.",
            "Tõhusus rajaanalüüsi (DEA) järgi, 0-st 1-ni: kui suure osa sisenditega teeksid parimad osutajate "
            "kombinatsioonid sama palju. Iga erinevus loetakse ebatõhususeks, juhust ei arvestata.",
        ),
        arguments=(_INPUTS, _OUTPUTS, _RETURNS, _ORIENTATION, _ENVELOPMENT_RESULT),
        call=RowsTogether(envelopment_efficiency, (), ("inputs", "outputs")),
        shape="column",
        errors=(_ENVELOPMENT_NUM, _BLOCKS_VALUE, NOTHING, NO_SCIPY),
        examples=(
            Example(
                "=QBS_DEA(B2:C6, D2:D6)",
                _FIVE,
                ((0.5,), (1.0,), (5 / 6,), (5 / 7,), (1.0,)),
                within=1e-9,
            ),
        ),
        source="Charnes, Cooper and Rhodes (1978); Banker, Charnes and Cooper (1984); Andersen and Petersen (1993)",
        needs=("scipy",),
    ),
    Function(
        name="QBS_SFA",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by a stochastic frontier, E[exp(-u)], 0 to 1, luck kept apart. All are 1 where the data show "
            "no inefficiency: ask for the estimates, which say so. Needs about 100 providers.",
            "Tõhusus stohhastilise rajajoone (SFA) järgi, E[exp(-u)], 0-st 1-ni, juhus eraldatud. Kõik on 1, kui "
            "andmetes ebatõhusust ei paista: seda ütleb valik estimates. Vaja on umbes 100 osutajat.",
        ),
        arguments=(_OUTCOME, _GIVEN, _KIND, _DISTRIBUTION, _ESTIMATOR, _FRONTIER_RESULT, LANGUAGE),
        call=RowsTogether(frontier_efficiency, ("outcome",), ("inputs",)),
        shape="column",
        errors=(_FRONTIER_NUM, _BLOCKS_VALUE, NOTHING, NO_SCIPY),
        examples=(
            Example(
                '=QBS_SFA(B2:B11, C2:C11, "production", "half-normal", "corrected-moments")',
                _TEN,
                (
                    (0.751122761271,),
                    (0.829453843624,),
                    (0.703297615741,),
                    (0.330762058508,),
                    (0.793235911172,),
                    (0.734292531535,),
                    (0.418803615968,),
                    (0.880647275932,),
                    (0.474702161083,),
                    (0.89436824056,),
                ),
                within=1e-9,
            ),
        ),
        source="Aigner, Lovell and Schmidt (1977); Jondrow and others (1982); Battese and Coelli (1988); corrected "
        "moments by Olson, Schmidt and Waldman (1980)",
        needs=("scipy",),
    ),
)
