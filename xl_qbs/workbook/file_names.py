"""Names of files made from ids, safe on every system."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence

# Names of devices on Windows, which no file can have, whatever its ending.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
# Beside letters and digits; a file name may begin with none of them.
_ALLOWED = "-_ ."
# Systems allow 255 bytes; some room is left for an ending, and for what is put behind.
_LONGEST = 120
# Letters and digits of a hash that tell two ids apart.
_MARK = 8


def safe_names(ids: Sequence[str]) -> list[str]:
    """Return a file name, without its ending, for each of some ids that differ.

    A name is the id itself where that is safe: letters of any alphabet, digits, and ``-_.`` or a space
    inside. Elsewhere (slashes, signs, reserved names of Windows, names that are too long or differ from
    another in case only) a hash of the id stands behind, so that every id keeps its name from run to run
    and no two share one, on systems that take ``a`` for ``A`` too.

    >>> safe_names(["N0007", "Tõru 1", "a/b", "CON", "n0007"])
    ['N0007-b7efde18', 'Tõru 1', 'a_b-c14cddc0', 'list-CON-a3dbc4b6', 'n0007-5ea0653f']
    """
    plain = [_plain(one) for one in ids]
    shared = Counter(_folded(name) for name in plain)
    names = [
        name if name == one and shared[_folded(name)] == 1 else f"{name}-{_hash(one)[:_MARK]}"
        for one, name in zip(ids, plain, strict=True)
    ]
    # An id may look like another's name with its hash; then all that clash get their whole hash.
    clashes = Counter(_folded(name) for name in names)
    return [name if clashes[_folded(name)] == 1 else f"list-{_hash(one)}" for one, name in zip(ids, names, strict=True)]


def _plain(one: str) -> str:
    """Return an id with what is not safe in a file name replaced."""
    text = unicodedata.normalize("NFC", one)
    text = "".join(char if char.isalnum() or char in _ALLOWED else "_" for char in text)
    while len(text.encode()) > _LONGEST:
        text = text[:-1]
    # Windows drops points and spaces at the end; a dash at the beginning looks like an option, a point hides.
    text = text.rstrip(" .").lstrip(" .-") or "list"
    # A reserved name stays reserved whatever stands behind its first point.
    return f"list-{text}" if text.partition(".")[0].rstrip().casefold() in _RESERVED else text


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())


def _hash(one: str) -> str:
    return hashlib.sha256(one.encode("utf-8", "surrogatepass")).hexdigest()
