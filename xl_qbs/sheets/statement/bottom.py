"""The foot of a statement: parameters, bands, conditions, checks, and how to read it."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.conditions import clause_members, clause_share
from xl_qbs.scoring.credit import THRESHOLD_GUARD
from xl_qbs.scoring.ranks import BAND_GUARD, SCORE_DECIMALS
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import INFINITE, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet
from xl_qbs.sheets.statement.fund import FEWEST_LISTS, Fund
from xl_qbs.sheets.statement.tables import HELP, LAST, NO, YES

# How far the scores of the page and those of the run may lie apart: programs differ in the last bits of a sum.
CHECK_GUARD = 1e-6
# The columns of the box of parameters: title, and where the values stand.
_PARAMETERS, _VALUES = 12, LAST
_MEMBERS = HELP + 4


def add_parameters(book: Book, sheet: Sheet, fund: Fund, row: int, top: int) -> int:
    """Add the parameters that hold for all lists, and the list's coefficient; return the first row behind them."""
    result, method = fund.result, fund.result.method
    tail = (1 - method.level) / 2
    coefficient = 1.0 if result.table.coefficient is None else float(result.table.coefficient[row])
    inputs: list[tuple[str, Label, Any, str | None, Format]] = [
        ("coefficient", Label("List's coefficient", "Koefitsient"), coefficient, None, "share"),
        ("lower_limit", Label("Credit from (L)", "Arvestus alates (L)"), method.lower_limit, None, "percent"),
        ("upper_limit", Label("Credit full at (U)", "Arvestus täis (U)"), method.upper_limit, None, "percent"),
        ("level", Label("Interval's level", "Vahemiku tase"), method.level, None, "percent1"),
        ("lower_tail", Label("Lower tail", "Alumine saba"), tail, "AVERAGE(0,1-{level})", "share"),
        ("upper_tail", Label("Upper tail", "Ülemine saba"), 1 - tail, "1-{lower_tail}", "share"),
        ("score_decimals", Label("Score decimals", "Skoori komakohti"), SCORE_DECIMALS, None, "general"),
        ("threshold_guard", Label("Guard, patients", "Varu, patsienti"), THRESHOLD_GUARD, None, "tiny"),
        ("band_guard", Label("Guard, shares", "Varu, osad"), BAND_GUARD, None, "tiny"),
        ("check_guard", Label("Checks agree to", "Kontrolli varu"), CHECK_GUARD, None, "tiny"),
    ]
    title = Label("Parameters", "Parameetrid")
    book.write(sheet, (top, _PARAMETERS), [[title, "", ""]], "group")
    sheet.merges.append(f"{column_letter(_PARAMETERS)}{top}:{column_letter(LAST)}{top}")
    # The rows of headings are tall: the parameters stand beside the rows below them.
    for number, (key, label, value, formula, number_format) in enumerate(inputs, start=top + 2):
        book.write(sheet, (number, _PARAMETERS), [["\N{EN SPACE}" + book.say(label), ""]], "text")
        sheet.merges.append(f"{column_letter(_PARAMETERS)}{number}:{column_letter(_VALUES - 1)}{number}")
        kind: Kind = "calculation" if formula else "input"
        book.add(sheet, key, (number, _VALUES), [value], formula, kind=kind, format=number_format)
    return top + 2 + len(inputs)


def add_bands(book: Book, sheet: Sheet, fund: Fund, top: int) -> int:
    """Add the bands of the scores; return the first row behind them."""
    bands = fund.result.scheme.bands
    if not bands:
        return top
    names = [(one.name_et or one.name) if book.language == "et" else one.name for one in bands]
    heads = [Label("Bands of the scores", "Skooride vahemikud"), Label("From", "Alates")]
    book.write(sheet, (top, 1), [heads], "group")
    book.add(sheet, "band_name", (top + 1, 1), texts(names), kind="input", format="text")
    book.add(sheet, "band_lower", (top + 1, 2), [one.lower for one in bands], kind="input", format="percent")
    return top + 1 + len(bands)


def add_checks(book: Book, sheet: Sheet, top: int) -> int:
    """Add the checks and the master flag; the tables and the scores must stand already. Return the row behind."""
    ranks = "+".join(
        f"IF(INT({{{key}_rank}})<>{{{key}_rank}},1,0)+IF({{{key}_rank}}<1,1,0)+IF({{{key}_rank}}>{{{key}_count}},1,0)"
        for key in ("current", "proportional", "need")
    )
    checks = [
        (
            "check_scores",
            Label("The scores worked out here are those of the list", "Siin arvutatud skoorid on samad mis nimekirjas"),
            "{current_same}*{proportional_same}*{need_same}",
        ),
        ("check_counts", Label("Counts are whole and not negative", "Arvud on täisarvud ja mitte negatiivsed"),
         "IF(SUM({not_whole:all})=0,1,0)"),
        (
            "check_coverage",
            Label("Adjusted coverage and interval are from 0 to 1", "Kohandatud hõlmatus ja vahemik on 0 kuni 1"),
            "IF(SUMPRODUCT(--({adjusted:all}<0))+SUMPRODUCT(--({adjusted:all}>1+{band_guard}))"
            "+SUMPRODUCT(--({low:all}>{high:all}+{band_guard}))+SUMPRODUCT(--({low:all}<0))"
            "+SUMPRODUCT(--({high:all}>1+{band_guard}))=0,1,0)",
        ),
        ("check_ranks", Label("Ranks lie between 1 and the number of lists", "Kohad on 1 ja nimistute arvu vahel"),
         f"IF({ranks}=0,1,0)"),
    ]  # fmt: skip
    book.write(sheet, (top, 4), [[Label("Checks", "Kontrollid"), *[""] * 7]], "group")
    sheet.merges.append(f"D{top}:K{top}")
    for number, (key, label, formula) in enumerate(checks, start=top + 1):
        book.write(sheet, (number, 4), [[label, *[""] * 6]], "text")
        sheet.merges.append(f"D{number}:J{number}")
        book.add(sheet, key, (number, 11), np.array([1.0]), formula, kind="check", format="flag")
    sheet.flags.append(f"K{top + 1}:K{top + len(checks)}")
    master = "*".join(f"{{{key}}}" for key, _, _ in checks)
    book.write(sheet, (3, 1), [[Label("All checks of this page", "Kõik selle lehe kontrollid")]], "label")
    book.add(sheet, "master", (3, 2), np.array([1.0]), master, kind="check", format="flag")
    sheet.flags.append("B3")
    return top + 1 + len(checks)


def add_conditions(book: Book, sheet: Sheet, fund: Fund, row: int, top: int, first: int) -> int:
    """Add what each condition asks and what the list has reached of it; return the first row behind.

    Args:
        book: the book.
        sheet: its sheet.
        fund: the run.
        row: which list.
        top: where to begin.
        first: the first row of the tables' indicators, beside which it stands which of them a line speaks of.
    """
    result = fund.result
    scheme = result.scheme
    if not scheme.conditions:
        return top
    yes, no = book.say(YES), book.say(NO)
    heads: list[Label | str] = [
        Label("Conditions, by need-adjusted points", "Tingimused, vajaduspõhiste punktide järgi"),
        "",
        Label("Asks of", "Nõuab"),
        *[""] * 5,
        Label("At least", "Vähemalt"),
        Label("Reached", "Saavutatud"),
        Label("Holds", "Kehtib"),
        Label("Condition met", "Tingimus täidetud"),
        *[""] * 2,
    ]
    book.write(sheet, (top, 1), [heads], "group")
    sheet.merges += [f"A{top}:B{top}", f"C{top}:H{top}", f"L{top}:N{top}"]
    number, line = top + 1, 0
    for place, condition in enumerate(scheme.conditions):
        name = (condition.name_et or condition.name) if book.language == "et" else condition.name
        start, holding = number, []
        for clause in condition.clauses:
            members = clause_members(clause, scheme)
            share = float(clause_share(clause, scheme, result.table, result.need_adjusted.points, result.weights)[row])
            of = ", ".join(clause.codes)
            book.write(sheet, (first - 1, _MEMBERS + line), [[of]], "heading")
            book.add(sheet, f"member_{line}", (first, _MEMBERS + line), members.astype(float), kind="input")
            book.add(sheet, f"clause_of_{line}", (number, 3), texts([of]), kind="input", format="text")
            book.write(sheet, (number, 4), [[""] * 5], "input")
            sheet.merges += [f"A{number}:B{number}", f"C{number}:H{number}"]
            book.add(sheet, f"clause_least_{line}", (number, 9), [clause.at_least], kind="input", format="percent")
            parts = ("need_points", "weight") if clause.scope == "domain" else ("done", "target")
            done, most = (f"SUMPRODUCT({{member_{line}:all}},{{{key}:all}})" for key in parts)
            # Nobody to serve: it holds. No points to earn: nothing is reached.
            otherwise = "0" if clause.scope == "domain" else '""'
            reached = f"IF({most}>0,{done}/{most},{otherwise})"
            book.add(sheet, f"clause_reached_{line}", (number, 10), np.array([share]), reached, format="percent1")
            test = (
                f"IF(ISNUMBER({{clause_reached_{line}}}),IF({{clause_reached_{line}}}+{{band_guard}}>="
                f'{{clause_least_{line}}},"{yes}","{no}"),"{yes}")'
            )
            holds = bool(np.isnan(share)) or share + BAND_GUARD >= clause.at_least
            verdict = texts([yes if holds else no])
            book.add(sheet, f"clause_holds_{line}", (number, 11), verdict, test, kind="check", format="text")
            holding.append(f'IF({{clause_holds_{line}}}="{no}",1,0)')
            number, line = number + 1, line + 1
        book.add(sheet, f"condition_{place}", (start, 1), texts([name]), kind="input", format="text")
        met = texts([yes if result.conditions[condition.name][row] else no])
        formula = f'IF({"+".join(holding)}=0,"{yes}","{no}")'
        book.add(sheet, f"condition_met_{place}", (start, 12), met, formula, kind="check", format="text")
        sheet.merges.append(f"L{start}:N{start}")
    for column in ("K", "L"):
        reach, cell = f"{column}{top + 1}:{column}{number - 1}", f"${column}{top + 1}"
        sheet.marks += [Mark(reach, f'{cell}="{yes}"', "good"), Mark(reach, f'{cell}="{no}"', "bad")]
    return number


def add_notes(book: Book, sheet: Sheet, fund: Fund, top: int) -> int:
    """Add how to read the page; return the first row behind."""
    method = fund.result.method
    notes = [
        Label(
            "Green: taken over from the fund's table. Yellow: the same for all lists, or stated by the run (rank, "
            "place, quartiles, coefficient). All else is a formula.",
            "Roheline: üle võetud tervisekassa tabelist. Kollane: kõigil sama või arvestuse antud (koht, kvartiilid, "
            "koefitsient). Kõik muu on valem.",
        ),
        Label(
            "n and d are the two raw numbers; the second row of each table says how every other number follows. Cells "
            "hold more digits than they show.",
            "n ja d on kaks algarvu; iga tabeli teine rida ütleb, kuidas ülejäänud arvud neist tekivad. Lahtrites on "
            "rohkem kohti kui näha.",
        ),
        Label(
            "Current score = sum of p where x ≥ r·n, times the coefficient. Need-adjusted score = sum of w·a. Nobody "
            "in the target group: no coverage, and a = m.",
            "Kehtiv skoor = p summa, kus x ≥ r·n, korda koefitsient. Vajaduspõhine skoor = w·a summa. Kui sihtrühmas "
            "pole kedagi, hõlmatust ei ole ja a = m.",
        ),
        Label(
            "m and M (the coverage of all lists, and how many patients it is worth) and w (the weights) are the same "
            "for all. n/v is the reliability: the part of a that is the list's own.",
            "m ja M (kõigi nimistute hõlmatus ja mitme patsiendi eest see loeb) ning w (kaalud) on kõigil samad. n/v "
            "on usaldusväärsus: see osa a-st, mis on nimistu enda oma.",
        ),
        Label(
            f"Quartiles are of at least {FEWEST_LISTS} lists and rounded; no other list's numbers stand on this page. "
            "Table 3 ranks points; it is no advice whom to treat.",
            f"Kvartiilid on vähemalt {FEWEST_LISTS} nimistu kohta ja ümardatud; teiste nimistute arve lehel ei ole. "
            "Tabel 3 järjestab punkte, mitte patsiente.",
        ),
        Label(
            "The three scores are not on one scale: compare relative ranks, and from year to year adjusted coverage.",
            "Kolm skoori pole ühel skaalal: võrrelge suhtelist kohta ja aastate vahel kohandatud hõlmatust.",
        ),
    ]
    if not (method.lower_limit == 0 and method.upper_limit == 1):
        notes.append(
            Label(
                "Proportional: s = (c − L) / (U − L), not below 0 and not above 1.",
                "Osaline: s = (c − L) / (U − L), mitte alla 0 ega üle 1.",
            )
        )
    if np.isinf(fund.result.prior.strength).any():
        notes.append(
            Label(
                f"M {INFINITE.en}: lists differ no more than chance explains, so that a = m for all of them.",
                f"M {INFINITE.et}: nimistud erinevad vaid juhuse piires, seepärast a = m neil kõigil.",
            )
        )
    file_hash = Label("SHA-256 of the file:", "Faili SHA-256:").say(book.language)
    notes.append(Label(*[f"{file_hash} {fund.facts.sha256}"] * 2))
    book.write(sheet, (top, 1), [[one] for one in notes], "note")
    return top + len(notes)
