"""A Windows machine with Excel, as far as the installer and the doctor look at one."""

from __future__ import annotations

from pathlib import Path

from xl_qbs.addin.excel.build import XLWINGS
from xl_qbs.addin.excel.machine import Machine, Value

OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
LOCATIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations"


class FakeRegistry:
    """A registry in a dictionary, which knows upper and lower case apart as little as the real one."""

    def __init__(self) -> None:
        self.content: dict[str, dict[str, Value]] = {}

    def values(self, key: str) -> dict[str, Value]:
        return dict(self.content.get(key.lower(), {}))

    def keys(self, key: str) -> list[str]:
        start = key.lower() + "\\"
        return sorted({one[len(start) :].split("\\")[0] for one in self.content if one.startswith(start)})

    def write(self, key: str, name: str, value: Value) -> None:
        self.content.setdefault(key.lower(), {})[name] = value

    def delete_value(self, key: str, name: str) -> None:
        self.content.get(key.lower(), {}).pop(name, None)

    def delete_key(self, key: str) -> None:
        assert not self.keys(key)
        self.content.pop(key.lower(), None)

    def snapshot(self) -> dict[str, dict[str, Value]]:
        return {key: dict(values) for key, values in self.content.items() if values}


def windows(folder: Path) -> Machine:
    """Return a machine on which everything is as it should be, but the add-in is not installed."""
    registry = FakeRegistry()
    registry.write(r"HKCR\Excel.Application\CurVer", "", "Excel.Application.16")
    registry.write(r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration", "Platform", "x64")
    scripts = folder / "venv" / "Scripts"
    scripts.mkdir(parents=True)
    for name in ("python.exe", "pythonw.exe"):
        (scripts / name).write_text("")
    for bits in (32, 64):
        (folder / "venv" / f"xlwings{bits}-{XLWINGS}.dll").write_text("")
    return Machine(
        platform="win32",
        registry=registry,
        roaming=folder / "AppData" / "Roaming",
        python=scripts / "python.exe",
        packages={"xlwings": XLWINGS, "pywin32": "311"},
        code_page="cp1257",
    )
