"""What a run made in a folder, so that the next one goes on where it stopped and overwrites nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xl_qbs.errors import OutputError
from xl_qbs.workbook.atomic import whole_file

NAME = "statements.json"
_FORMAT = 1


@dataclass
class Made:
    """One list's files.

    Attributes:
        file: name of the workbook in the folder.
        key: what it was made from; empty until it is written.
        sha256: SHA-256 of the workbook; empty until it is written.
        pdf_sha256: SHA-256 of the printed page; empty where there is none.
    """

    file: str
    key: str = ""
    sha256: str = ""
    pdf_sha256: str = ""

    @property
    def pdf(self) -> str:
        """Name of the printed page in the folder."""
        return f"{self.file.removesuffix('.xlsx')}.pdf"


@dataclass
class Manifest:
    """The list of what was made in a folder, kept in a file there; it names every list, so it stays with the fund.

    Attributes:
        folder: the folder.
        made: what was made, by the list's id.
    """

    folder: Path
    made: dict[str, Made] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Return the manifest of a folder; an empty one where nothing was made yet.

        Raises:
            OutputError: the file cannot be read, or is not one that this program wrote.
        """
        path = folder / NAME
        if not os.path.exists(path):
            return cls(folder)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != _FORMAT:
                raise OutputError(f"{path} was written by another version of xl_qbs: choose an empty folder with -o.")
            made = {str(one): Made(**entry) for one, entry in content["statements"].items()}
        except OSError as error:
            raise OutputError(f"{path} cannot be read ({error.strerror or type(error).__name__}).") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise OutputError(
                f"{path} is damaged: remove it and the statements beside it, or choose a new folder."
            ) from None
        # Names come back from a file that anybody may have changed: none of them may lead out of the folder.
        if not all(_is_ours(entry) for entry in made.values()):
            raise OutputError(
                f"{path} was changed by hand: remove it and the statements beside it, or choose a new folder."
            )
        return cls(folder, made)

    def write(self) -> None:
        """Write the manifest whole.

        Raises:
            OutputError: it cannot be written.
        """
        content = {"format": _FORMAT, "statements": {one: asdict(entry) for one, entry in self.made.items()}}
        with whole_file(self.folder / NAME) as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))

    def is_done(self, one: str, file: str, key: str) -> bool:
        """Return whether a list's workbook stands as it was made from the same."""
        entry = self.made.get(one)
        return (
            entry is not None
            and (entry.file, entry.key) == (file, key)
            and bool(key)
            and hash_of(self.folder / entry.file) == entry.sha256
        )

    def is_printed(self, one: str) -> bool:
        """Return whether a list's printed page stands as it was made."""
        entry = self.made[one]
        return bool(entry.pdf_sha256) and hash_of(self.folder / entry.pdf) == entry.pdf_sha256

    def foreign(self, names: Iterable[str]) -> list[str]:
        """Return those of some names in the folder that are taken by files which no run made."""
        ours = {name.casefold() for entry in self.made.values() for name in (entry.file, entry.pdf)}
        return [name for name in names if name.casefold() not in ours and os.path.lexists(self.folder / name)]


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; an empty text where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _is_ours(entry: Made) -> bool:
    values = (entry.file, entry.key, entry.sha256, entry.pdf_sha256)
    if not all(isinstance(value, str) for value in values):
        return False
    plain = not any(char in entry.file for char in "/\\:\0") and not entry.file.startswith(".")
    return plain and entry.file.endswith(".xlsx") and len(entry.file) > len(".xlsx")
