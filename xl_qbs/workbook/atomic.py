"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from xl_qbs.errors import OutputError


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write beside ``path``, and put it in its place when all is written.

    An interrupted run leaves what was at ``path`` as it was.

    Raises:
        OutputError: the folder or the file cannot be written, or the disk is full.
    """
    # Unlike Path.is_dir it has no error of its own, such as for a name that is too long.
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder: give the name of a file.")
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=".part", delete=False
        ) as file:
            temporary = Path(file.name)
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is the owner's alone; the result is to be as open as any new file.
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(_sentence(path, error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sentence(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"The folder {path.parent} is not there: make it first, or choose another with -o."
    if isinstance(error, PermissionError):
        return (
            f"{path} cannot be written: close it if it is open in Excel, "
            "or choose a folder where you may write with -o."
        )
    reason = error.strerror or type(error).__name__
    return f"{path} could not be written ({reason}); nothing was changed."
