"""A template's two sheets of data, of the period and of the baseline: yellow rows, and where each of them belongs."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, GROUP_ROW, HEADING_ROW, begin_table
from xl_qbs.sheets.equity.plan import BASELINE, DATA, DataRows, OpenRoom, Plan
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet, Validation

OK = "OK"
# Rows of patients of all groups, and of unknown group, have numbers behind those of the groups.
APART = 2
EXCEEDING = Label("More done than patients: counted as done for all", "Tehtud üle patsientide arvu: loetud kõigiks")
LEFT_OUT = Label("Provider not in the period: left out", "Osutajat perioodis pole: jäetud kõrvale")
_FILL = Label(
    "Paste rows as values into the yellow cells, in any order: a row a provider, indicator and group.",
    "Kleepige read väärtustena kollastesse lahtritesse, ükskõik mis järjekorras: rida on osutaja, indikaator ja rühm.",
)
_FILL_BEFORE = Label(
    "The same for an earlier period, for trend and points. May stay empty.",
    "Sama varasema perioodi kohta, muutuse ja punktide jaoks. Võib jääda tühjaks.",
)


class Read(NamedTuple):
    """Where each row of a sheet of data belongs, as its formulas find it; each of shape (rows,).

    Attributes:
        provider: number of the provider, 0 where it is not listed.
        indicator: number of the indicator.
        group: number of the group, or of what stands apart.
        first: the provider's first row, from 1.
        place: number of the place that the row is for; NaN where there is none.
        message: what the sheet says of it.
    """

    provider: Array
    indicator: Array
    group: Array
    first: Array
    place: Array
    message: NDArray[np.object_]


def read_rows(book: Book, plan: Plan, rows: DataRows) -> Read:
    """Return where each row belongs; the rows are known to be without mistakes."""
    room = _room(plan)
    listed = {one: float(k) for k, one in enumerate(plan.providers, start=1)}
    codes = {one: float(k) for k, one in enumerate(room.codes, start=1)}
    groups = {one: float(k) for k, one in enumerate(room.names, start=1)}
    groups |= {room.all_label: room.groups + 1.0, room.unknown_label: room.groups + 2.0}
    places: dict[str, int] = {}
    first = np.array([float(places.setdefault(one, row)) for row, one in enumerate(rows.providers, start=1)])
    provider = np.array([listed.get(one, 0.0) for one in rows.providers])
    indicator = np.array([codes[one] for one in rows.indicators])
    group = np.array([groups[one] for one in rows.groups])
    there = provider > 0
    place = ((indicator - 1) * room.providers + provider - 1) * (room.groups + APART) + group
    more = (group <= room.groups) & (rows.x > rows.n)
    message = texts([OK] * len(rows.providers))
    message[more] = book.say(EXCEEDING)
    message[~there] = book.say(LEFT_OUT)
    return Read(provider, indicator, group, first, np.where(there, place, np.nan), message)


def add_data(book: Book, plan: Plan, end: str = "") -> Sheet:
    """Add a sheet of data; ``end`` is that of the period's blocks, ``0`` of the baseline's."""
    room = _room(plan)
    rows = room.before if end else room.now
    name, title, sentence = (
        (BASELINE, Label("Data of the baseline", "Baasperioodi andmed"), _FILL_BEFORE)
        if end
        else (DATA, Label("Data of the period", "Perioodi andmed"), _FILL)
    )
    sheet = begin_table(book, name, title, sentence, "BF8F00")
    sheet.widths = {1: 26, 2: 16, 3: 18, 4: 12, 5: 12, 6: 50}
    sheet.print_titles = f"${GROUP_ROW}:${HEADING_ROW}"
    sheet.freeze = f"A{FIRST_ROW}"
    sheet.breaks.append(6)
    _Data(book, sheet, plan, rows, end).add()
    return sheet


class _Data:
    """Adds the columns of one sheet of data."""

    def __init__(self, book: Book, sheet: Sheet, plan: Plan, rows: DataRows, end: str) -> None:
        self.book, self.sheet, self.plan, self.end = book, sheet, plan, end
        self.room = _room(plan)
        self.empty = self.room.empty
        self.rows = DataRows() if self.empty else rows
        self.read = read_rows(book, plan, self.rows)
        self.column = 1

    def add(self) -> None:
        """Add the yellow cells, the message beside them, where the rows belong, and the list of providers."""
        for key, label, values in (
            ("provider", Label("Provider", "Osutaja"), self.rows.providers),
            ("indicator", Label("Indicator", "Indikaator"), self.rows.indicators),
            ("group", Label("Group", "Rühm"), self.rows.groups),
        ):
            self._one(f"d_{key}", label, texts(values), None, "text", "input")
        self._one("d_n", Label("Patients", "Patsiente"), self.rows.n, None, "count", "input")
        self._one("d_x", Label("Work done", "Tehtud"), self.rows.x, None, "count", "input")
        self._one("d_message", Label("Message", "Teade"), self.read.message, self._message(), "text", "check")
        self.book.write(
            self.sheet, (GROUP_ROW, self.column), [[Label("Where the row belongs", "Kuhu rida kuulub")]], "group"
        )
        self._places()
        last = self.column - 1
        self._marks(last)
        self.column += 1
        if not self.end:
            self._listed()
            self.column += 1
        self._numbers()

    def _one(
        self,
        key: str,
        label: Label,
        values: NDArray[Any],
        formula: str | None,
        how: Format = "count",
        kind: Kind = "calculation",
        empty: Any = None,
        rows: int | None = None,
    ) -> None:
        size = self.room.rows if rows is None else rows
        text = values.dtype.kind in "OUS"
        cells = np.full(size, ("" if text else np.nan) if empty is None else empty, dtype=object if text else float)
        cells[: len(values)] = values
        self.book.write(self.sheet, (HEADING_ROW, self.column), [[label]], "heading")
        formula = formula and self._own(formula)
        self.book.add(self.sheet, key + self.end, (FIRST_ROW, self.column), cells, formula, kind=kind, format=how)
        self.column += 1

    def _own(self, formula: str) -> str:
        """Return a formula with the names of this sheet's own blocks, which all begin so."""
        return re.sub(r"\{(d_\w+)", rf"{{\g<1>{self.end}", formula)

    def _message(self) -> str:
        """Return what is wrong with a row, in words; OK, or nothing in a row that is not in use."""

        def say(english: str, estonian: str) -> str:
            return '"' + self.book.say(Label(english, estonian)) + '"'

        # Shorter formulas make a smaller file: this one stands in every row.
        counted = "{d_group_no}<={places_groups}"
        parts = [
            ("{d_typed}<0", say("There is an error value", "Siin on veaväärtus")),
            ("{d_typed}=0", '""'),
            ('{d_key}=""', say("The provider is missing", "Osutaja puudub")),
            (
                "{d_indicator_no}=0",
                say("The indicator is missing, or not on Parameters", "Indikaator puudub või pole lehel Parameetrid"),
            ),
            (
                "{d_group_no}=0",
                say("The group is missing, or not on Parameters", "Rühm puudub või pole lehel Parameetrid"),
            ),
        ]
        if self.end:
            parts.append(("{d_provider_no}=0", self._quoted(LEFT_OUT)))
        else:
            parts += [
                (
                    "IF({d_first}=0,TRUE,INDEX({d_key:all},{d_first})<>{d_key})",
                    say("An id cannot hold the signs * ? ~", "Tunnuses ei tohi olla märke * ? ~"),
                ),
                (
                    "{d_provider_no}=0",
                    say("There is no room for so many providers", "Nii paljudele osutajatele pole ruumi"),
                ),
            ]
        parts += [
            (
                "COUNTIF({d_place:all},{d_place})>1",
                say(
                    "The same provider, indicator and group stand here twice",
                    "Sama osutaja, indikaator ja rühm on siin mitu korda",
                ),
            ),
            (
                "IF(ISNUMBER({d_n}),ABS(INT({d_n}))<>{d_n},TRUE)",
                say("Patients must be a whole number from 0", "Patsientide arv peab olema täisarv alates nullist"),
            ),
            (
                f'IF(ISNUMBER({{d_x}}),ABS(INT({{d_x}}))<>{{d_x}},OR({counted},{{d_x}}<>""))',
                say("Work done must be a whole number from 0", "Tehtu peab olema täisarv alates nullist"),
            ),
            (f"AND({counted},{{d_x}}>{{d_n}})", self._quoted(EXCEEDING)),
        ]
        formula = f'"{OK}"'
        for condition, text in reversed(parts):
            formula = f"IF({condition},{text},{formula})"
        return formula

    def _quoted(self, label: Label) -> str:
        return '"' + self.book.say(label) + '"'

    def _places(self) -> None:
        """Add the numbers of provider, indicator and group, and of the place in the other sheets."""
        read, size = self.read, self.room.rows
        self._one("d_row", Label("Row", "Rida"), np.arange(1.0, size + 1), None)
        typed = "{d_provider}&{d_indicator}&{d_group}&{d_n}&{d_x}"
        # How long they are as texts; other rows in use have more than nothing.
        lengths = [
            float(sum(len(one if isinstance(one, str) else _shown(one)) for one in row))
            for row in zip(*(getattr(self.rows, name) for name in DataRows.__dataclass_fields__), strict=True)
        ]
        self._one(
            "d_typed",
            Label("Signs in the row; -1: an error value", "Märke reas; -1: veaväärtus"),
            np.array(lengths),
            f"IFERROR(LEN({typed}),-1)",
            empty=0.0,
        )
        self._one(
            "d_key",
            Label("Provider, without spaces around", "Osutaja, ümbritsevate tühikuteta"),
            texts(self.rows.providers),
            'IF({d_typed}<1,"",TRIM({d_provider}))',
            "text",
        )
        found = "SUMPRODUCT(MAX(({%s:all}=TRIM({%s}))*{%s:all}))"
        self._one(
            "d_indicator_no",
            Label("Indicator (no.)", "Indikaator (nr)"),
            read.indicator,
            f"IF({{d_typed}}<1,0,{found % ('code_key', 'd_indicator', 'code_no')})",
            empty=0.0,
        )
        name = "TRIM({d_group})"
        group = found % ("group_key", "d_group", "group_no")
        group = f"IF({name}={{all_key}},{{all_no}},IF({name}={{unknown_key}},{{unknown_no}},{group}))"
        self._one(
            "d_group_no",
            Label("Group (no.)", "Rühm (nr)"),
            read.group,
            f'IF({{d_typed}}<1,0,IF({name}="",0,{group}))',
            empty=0.0,
        )
        if self.end:
            listed = "SUMPRODUCT(MAX(({listed_id:all}={d_key})*{list_no:all}))"
            number = f'IF({{d_key}}="",0,{listed})'
        else:
            self._one(
                "d_first",
                Label("First row of the provider", "Osutaja esimene rida"),
                read.first,
                'IF({d_key}="",0,IFERROR(MATCH({d_key},{d_key:all},0),0))',
                empty=0.0,
            )
            rows = np.arange(1.0, len(read.first) + 1)
            self._one(
                "d_new",
                Label("Row, where it is the first", "Rida, kui see on esimene"),
                np.where(read.first == rows, rows, np.nan),
                'IF({d_first}={d_row},{d_row},"")',
            )
            number = "IF({d_first}>0,IFERROR(MATCH({d_first},{listed_row:all},0),0),0)"
        self._one("d_provider_no", Label("Provider (no.)", "Osutaja (nr)"), read.provider, number, empty=0.0)
        place = "(({d_indicator_no}-1)*{places_providers}+{d_provider_no}-1)*({places_groups}+1+1)+{d_group_no}"
        self._one(
            "d_place",
            Label("Place", "Koht"),
            read.place,
            f'IF(MIN({{d_indicator_no}},{{d_provider_no}},{{d_group_no}})>0,{place},"")',
        )
        counts = (read.message == OK) | (read.message == self.book.say(EXCEEDING))
        self._one(
            "d_used",
            Label("Place, where it counts", "Koht, kui arvestatakse"),
            np.where(counts, read.place, np.nan),
            f'IF(OR({{d_message}}="{OK}",{{d_message}}={self._quoted(EXCEEDING)}),{{d_place}},"")',
        )

    def _listed(self) -> None:
        """Add the providers, each once and in the order of their first rows."""
        book, sheet, plan = self.book, self.sheet, self.plan
        size = self.room.providers
        sheet.breaks.append(self.column - 1)
        sheet.widths[self.column + 2] = 26
        book.write(sheet, (GROUP_ROW, self.column), [[Label("Providers found", "Leitud osutajad")]], "group")
        new = self.read.first[self.read.first == np.arange(1.0, len(self.read.first) + 1)]
        self._one("list_no", Label("No.", "Nr"), np.arange(1.0, size + 1), None, rows=size)
        self._one(
            "listed_row",
            Label("First row", "Esimene rida"),
            new,
            'IF({list_no}<=COUNT({d_new:all}),SMALL({d_new:all},{list_no}),"")',
            rows=size,
        )
        names = [] if self.empty else plan.providers
        self._one(
            "listed_id",
            Label("Provider", "Osutaja"),
            texts(names),
            'IF(ISNUMBER({listed_row}),INDEX({d_key:all},{listed_row}),"")',
            "text",
            rows=size,
        )

    def _numbers(self) -> None:
        """Add numbers about all rows, and of the room."""
        book, sheet, room = self.book, self.sheet, self.room
        sheet.widths[self.column] = 46
        read = self.read
        exceeding, left_out = (float((read.message == book.say(one)).sum()) for one in (EXCEEDING, LEFT_OUT))
        in_use = float(len(read.message))
        rows: list[tuple[str, Label, float, str | None]] = [
            ("d_in_use", Label("Rows in use", "Kasutusel ridu"), in_use, 'SUMPRODUCT(--({d_message:all}<>""))'),
            (
                "d_left_out",
                Label("Rows left out", "Kõrvale jäetud ridu"),
                left_out,
                f"SUMPRODUCT(--({{d_message:all}}={self._quoted(LEFT_OUT)}))",
            ),
            (
                "d_unusable",
                Label("Rows that cannot be used", "Kasutamatuid ridu"),
                0.0,
                "{d_in_use}-{d_left_out}-COUNT({d_used:all})",
            ),
            (
                "d_exceeding",
                Label("Rows with more done than patients", "Ridu, kus tehtud üle patsientide arvu"),
                exceeding,
                f"SUMPRODUCT(--({{d_message:all}}={self._quoted(EXCEEDING)}))",
            ),
        ]
        if not self.end:
            count = 0.0 if self.empty else float(len(self.plan.providers))
            rows += [
                ("lists", Label("Providers", "Osutajaid"), count, "COUNT({listed_row:all})"),
                ("places_providers", Label("Room for providers", "Ruumi osutajatele"), float(room.providers), None),
                ("places_groups", Label("Room for groups", "Ruumi rühmadele"), float(room.groups), None),
                (
                    "all_no",
                    Label("Number of all patients", "Kõigi patsientide number"),
                    room.groups + 1.0,
                    "{places_groups}+1",
                ),
                (
                    "unknown_no",
                    Label("Number of patients of unknown group", "Teadmata rühma number"),
                    room.groups + 2.0,
                    "{places_groups}+1+1",
                ),
            ]
        for row, (key, label, value, formula) in enumerate(rows, start=FIRST_ROW):
            book.write(sheet, (row, self.column), [[label]], "text")
            own = key + self.end if key.startswith("d_") else key
            cells = np.array([value])
            book.add(sheet, own, (row, self.column + 1), cells, formula and self._own(formula), format="count")

    def _marks(self, last: int) -> None:
        """Add what may be typed where, and which rows turn red."""
        sheet, bottom = self.sheet, FIRST_ROW + self.room.rows - 1
        told = f"$F{FIRST_ROW}"
        fine = ",".join(f'{told}<>"{text}"' for text in ("", OK))
        warned = f"OR({told}={self._quoted(EXCEEDING)},{told}={self._quoted(LEFT_OUT)})"
        reach = f"A{FIRST_ROW}:F{bottom}"
        sheet.marks += [Mark(reach, warned, "warn"), Mark(reach, f"AND({fine})", "bad")]
        right = column_letter(last)
        sheet.marks.append(Mark(f"G{FIRST_ROW}:{right}{bottom}", f'{told}=""', "unused"))
        sheet.filter = f"A{HEADING_ROW}:{right}{bottom}"
        sheet.validations.append(
            Validation(
                f"D{FIRST_ROW}:E{bottom}",
                "decimal",
                "0",
                refusal=self.book.say(
                    Label("A whole number from 0, please.", "Palun sisestage täisarv alates nullist.")
                ),
            )
        )


def _shown(value: float) -> str:
    """Return a number as a text; a missing one is none."""
    return "" if np.isnan(value) else f"{value:.15g}"


def _room(plan: Plan) -> OpenRoom:
    assert plan.room is not None  # noqa: S101  (only a template has sheets of data)
    return plan.room
