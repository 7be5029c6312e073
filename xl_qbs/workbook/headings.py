"""What a heading says: the role of its column, the indicator, or both, in English or Estonian."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from xl_qbs.scheme import Scheme
from xl_qbs.scheme.parse import plain

# What a column may be, and the headings that say so, compared by `plain`.
ROLES: dict[str, tuple[str, ...]] = {
    "provider": (
        "nimistu",
        "nimistu kood",
        "nimistu number",
        "nimistu nr",
        "nimistu id",
        "perearsti nimistu",
        "list",
        "list id",
        "list code",
        "provider",
        "provider id",
        "provider code",
        "uid",
        "id",
    ),
    "name": (
        "arsti nimi",
        "perearsti nimi",
        "perearst",
        "doctor",
        "doctor name",
        "doctor s name",
        "name",
        "nimi",
    ),
    "registration": ("registrikood", "registration code", "registry code"),
    "coefficient": ("koefitsient", "coefficient"),
    "target": (
        "sihtrühm",
        "sihtrühma suurus",
        "target",
        "target population",
        "target group",
        "eligible",
        "denominator",
        "n",
        "a",
    ),
    "done": (
        "tehtud",
        "tehtud töö",
        "done",
        "work done",
        "actual work done",
        "actual work",
        "served",
        "numerator",
        "x",
        "b",
    ),
    "period": ("aasta", "periood", "year", "period"),
    "indicator": ("indikaator", "näitaja", "indicator", "indikaatori kood", "indicator code"),
}
COUNT_ROLES = ("target", "done")

_ROLE_OF = {alias: role for role, aliases in ROLES.items() for alias in aliases}
# Longest first, so that "target population" is not taken for "target" and an indicator "population".
_COUNT_WORDS = sorted(
    ((alias.split(), role) for role in COUNT_ROLES for alias in ROLES[role]), key=lambda pair: -len(pair[0])
)


def _words(role: str) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(alias).replace(r"\ ", r"[\W_]+") for alias in ROLES[role])
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])", re.IGNORECASE)


_HAS_WORD = {role: _words(role) for role in ("provider", *COUNT_ROLES)}


@dataclass(frozen=True)
class Heading:
    """What one heading cell says.

    Attributes:
        roles: the roles that its parts name; more than one where it contradicts itself.
        codes: the indicators of the scheme that its parts name; likewise.
        other: of a target or done heading, the name of an indicator that the scheme does not have.
    """

    roles: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    other: str = ""

    @property
    def role(self) -> str:
        """The role where exactly one is named, else nothing."""
        return next(iter(self.roles)) if len(self.roles) == 1 else ""


class HeadingReader:
    """Reads heading cells against a scheme's names, each text once."""

    def __init__(self, scheme: Scheme) -> None:
        self._codes: dict[str, set[str]] = {}
        for indicator in scheme.indicators:
            for name in indicator.names:
                self._codes.setdefault(plain(name), set()).add(indicator.code)
        self._read: dict[str, Heading] = {}

    def read(self, value: object) -> Heading:
        """Return what a cell says; nothing where it holds no text."""
        if not isinstance(value, str):
            return _NOTHING
        if value not in self._read:
            self._read[value] = self._heading(value)
        return self._read[value]

    def codes(self, text: str) -> frozenset[str]:
        """Return the codes of the indicators that a text names."""
        return frozenset(code for part in parts(text) for code in self._codes.get(plain(part), ()))

    def _heading(self, text: str) -> Heading:
        roles: set[str] = set()
        codes: set[str] = set()
        others = []
        for part in parts(text):
            words = plain(part)
            if words in _ROLE_OF:
                roles.add(_ROLE_OF[words])
            elif words in self._codes:
                codes |= self._codes[words]
            else:
                for role, rest in _count_role(words):
                    if rest in self._codes:
                        roles.add(role)
                        codes |= self._codes[rest]
                        break
                    others.append((role, rest))
        if not roles and not codes and others:
            # The last part is the shortest text, so the one with the least around the name.
            role, rest = others[-1]
            return Heading(frozenset({role}), other=rest)
        return Heading(frozenset(roles), frozenset(codes))


_NOTHING = Heading()


def parts(text: str) -> list[str]:
    """Return the texts that a heading may mean: the whole of it, its lines, its languages, its brackets.

    A single letter in brackets is a symbol ("Done (n)" is a number of patients), not a name.

    >>> parts("Nimistu (kood) / List (n)")
    ['Nimistu (kood) / List (n)', 'Nimistu (kood)', 'Nimistu ', 'kood', 'List (n)', 'List ']
    """
    found = [text]
    for piece in re.split(r"[\r\n]+|\s+[/|]\s+", text):
        found.append(piece)
        bracket = re.fullmatch(r"([^()]*)\(([^()]*)\)\s*", piece)
        if bracket:
            found.extend(text for text in bracket.groups() if len(text.strip()) > 1)
    return list(dict.fromkeys(piece for piece in found if piece.strip()))


def first_part(text: str) -> str:
    """Return the first line, or first language, of a heading as one line."""
    return " ".join(re.split(r"[\r\n]+|\s+[/|]\s+", text.strip(), maxsplit=1)[0].split())


def may_hold(texts: list[str], role: str) -> bool:
    """Return whether any of the texts holds a word of the role: a quick look before a thorough one."""
    joined = unicodedata.normalize("NFC", "\n".join(texts))
    return _HAS_WORD[role].search(joined) is not None


def _count_role(words: str) -> Iterator[tuple[str, str]]:
    """Yield each way to split words into a target or done word, at either end, and a rest."""
    tokens = words.split()
    for alias, role in _COUNT_WORDS:
        size = len(alias)
        if len(tokens) > size:
            if tokens[-size:] == alias:
                yield role, " ".join(tokens[:-size])
            if tokens[:size] == alias:
                yield role, " ".join(tokens[size:])
