"""Builds the wheel for xlwings Lite: the same package, asking only for what the functions need there.

Lite installs a wheel with all that it asks for, and xl_qbs asks for packages that read Excel files, which the
functions do not use and which may not exist for Python in a browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from xl_qbs._version import __version__
from xl_qbs.addin.archive import write_archive

DISTRIBUTION = "xl_qbs_lite"
_ASKS_FOR = ("numpy", "pandas")
# Other hosts, the command line and the example workbooks stay at home.
_LEFT_OUT = frozenset(
    {"excel", "calc", "commands", "jobs", "example_workbooks", "__pycache__"}
    | {"cli.py", "commands.py", "examples.py", "report.py"}
)


def build_lite_wheel(folder: Path) -> Path:
    """Write the wheel into a folder and return its path; the same sources give the same bytes."""
    output = folder / f"{DISTRIBUTION}-{__version__}-py3-none-any.whl"
    about = f"{DISTRIBUTION}-{__version__}.dist-info"
    parts = dict(_sources(files("xl_qbs"), "xl_qbs"))
    parts[f"{about}/METADATA"] = _metadata().encode()
    parts[f"{about}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: xl_qbs\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in parts.items())
    parts[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    return write_archive(output, parts)


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.name in _LEFT_OUT:
            continue
        if one.is_dir():
            yield from _sources(one, f"{name}/{one.name}")
        elif one.name.endswith((".py", ".toml")):
            # The same bytes on Windows, where a checkout may have other line ends.
            yield f"{name}/{one.name}", one.read_bytes().replace(b"\r\n", b"\n")


def _metadata() -> str:
    asks = "".join(f"Requires-Dist: {name}\n" for name in _ASKS_FOR)
    return (
        f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {__version__}\n"
        f"Summary: The functions of xl_qbs for xlwings Lite\nLicense: MIT\nRequires-Python: >=3.11\n{asks}"
    )


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
