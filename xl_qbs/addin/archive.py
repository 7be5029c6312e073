"""Writing an add-in's parts as one file, the same bytes on every machine."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from xl_qbs.errors import OutputError


def write_archive(output: Path, parts: Mapping[str, bytes]) -> Path:
    """Write parts into a zip archive, stored, in the order given, and return its path.

    Raises:
        OutputError: the folder or the file cannot be written.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # Stored, not compressed: what a compressor writes depends on its version.
        with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
            for name, data in parts.items():
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.create_system = 3
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"{output} cannot be written ({reason}): choose another place with -o.") from error
    return output
