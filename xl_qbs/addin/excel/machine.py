"""What the installer and the doctor see of a machine: registry, folders, the running Python; replaceable in tests."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

Value = str | int | bytes


class Registry(Protocol):
    r"""The Windows registry; keys are written ``HKCU\Software\...``."""

    def values(self, key: str) -> dict[str, Value]:
        """Return the values of a key by name; none where there is no such key."""

    def keys(self, key: str) -> list[str]:
        """Return the names of the keys below a key; none where there is no such key."""

    def write(self, key: str, name: str, value: Value) -> None:
        """Write a value, and make its key where it is missing."""

    def delete_value(self, key: str, name: str) -> None:
        """Delete a value; nothing happens where it is missing."""

    def delete_key(self, key: str) -> None:
        """Delete a key that has none below it; nothing happens where it is missing."""


@dataclass(frozen=True)
class Machine:
    """A machine with, perhaps, Excel.

    Attributes:
        platform: as `sys.platform`.
        registry: its registry.
        roaming: the folder of a person's settings, ``%APPDATA%``.
        python: the Python that runs, whose environment holds xl_qbs.
        bits: 32 or 64, of that Python.
        packages: installed versions of the packages that the add-in needs; none for one that is missing.
        code_page: the codec of the letters that programs without Unicode can pass on.
    """

    platform: str
    registry: Registry
    roaming: Path
    python: Path
    bits: int = 64
    packages: dict[str, str | None] = field(default_factory=dict)
    code_page: str = "utf-8"

    @property
    def is_windows(self) -> bool:
        """Whether the add-in can be installed here."""
        return self.platform == "win32"

    @property
    def addin_folder(self) -> Path:
        """The folder of its own that the add-in is put into, so that no other file in it is trusted."""
        return self.roaming / "Microsoft" / "AddIns" / "xl_qbs"

    @property
    def addin(self) -> Path:
        """Where the add-in is when it is installed."""
        return self.addin_folder / "xl_qbs.xlam"

    @property
    def interpreter(self) -> Path:
        """The Python that the add-in starts: the one without a window where there is one."""
        silent = self.python.with_name("pythonw.exe")
        return silent if silent.is_file() else self.python

    def excel_version(self) -> str | None:
        """Return Excel's number in the registry, such as 16.0; None where Excel is not installed."""
        current = self.registry.values(r"HKCR\Excel.Application\CurVer").get("")
        if isinstance(current, str) and current.rpartition(".")[2].isdigit():
            return f"{current.rpartition('.')[2]}.0"
        return None

    def excel_key(self, *parts: str) -> str:
        """Return a key of Excel's settings of this person."""
        return "\\".join([rf"HKCU\Software\Microsoft\Office\{self.excel_version() or '16.0'}\Excel", *parts])

    def policy_keys(self, *parts: str) -> list[str]:
        """Return the keys in which an administrator may have settled something for Excel."""
        number = self.excel_version() or "16.0"
        return [
            "\\".join([rf"{root}\Software\Policies\Microsoft\Office\{number}\Excel", *parts])
            for root in ("HKCU", "HKLM")
        ]

    def excel_bits(self) -> int | None:
        """Return 32 or 64, or None where the registry does not say."""
        run = self.registry.values(r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration").get("Platform")
        number = self.excel_version() or "16.0"
        outlook = self.registry.values(rf"HKLM\Software\Microsoft\Office\{number}\Outlook").get("Bitness")
        return {"x64": 64, "x86": 32}.get(str(run or outlook))


def zone_mark(path: Path) -> Path:
    """Return the stream that holds the mark of the web of a file: that it came from elsewhere."""
    return Path(f"{path}:Zone.Identifier")


def this_machine() -> Machine:
    """Return the machine that this runs on."""
    packages: dict[str, str | None] = {}
    for name in ("xlwings", "pywin32"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    windows = sys.platform == "win32"
    return Machine(
        platform=sys.platform,
        registry=_WindowsRegistry() if windows else _NoRegistry(),
        roaming=Path(os.environ.get("APPDATA") or Path.home()),
        python=Path(sys.executable),
        bits=64 if sys.maxsize > 2**32 else 32,
        packages=packages,
        code_page="mbcs" if windows else "utf-8",
    )


class _NoRegistry:
    """What is there instead on other systems: nothing, and nothing is written."""

    def values(self, key: str) -> dict[str, Value]:  # noqa: ARG002
        return {}

    def keys(self, key: str) -> list[str]:  # noqa: ARG002
        return []

    def write(self, key: str, name: str, value: Value) -> None:
        raise NotImplementedError

    def delete_value(self, key: str, name: str) -> None:
        raise NotImplementedError

    def delete_key(self, key: str) -> None:
        raise NotImplementedError


class _WindowsRegistry:
    """The registry of Windows, by the standard library; as a 64-bit program sees it."""

    def __init__(self) -> None:
        self._winreg: Any = importlib.import_module("winreg")

    def values(self, key: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        try:
            with self._open(key) as handle:
                for index in range(self._winreg.QueryInfoKey(handle)[1]):
                    name, value, _ = self._winreg.EnumValue(handle, index)
                    if isinstance(value, (str, int, bytes)):
                        found[name] = value
        except OSError:
            return found
        return found

    def keys(self, key: str) -> list[str]:
        try:
            with self._open(key) as handle:
                return [self._winreg.EnumKey(handle, index) for index in range(self._winreg.QueryInfoKey(handle)[0])]
        except OSError:
            return []

    def write(self, key: str, name: str, value: Value) -> None:
        kinds = {str: self._winreg.REG_SZ, int: self._winreg.REG_DWORD, bytes: self._winreg.REG_BINARY}
        root, path = self._parts(key)
        with self._winreg.CreateKeyEx(root, path, 0, self._winreg.KEY_WRITE) as handle:
            self._winreg.SetValueEx(handle, name, 0, kinds[type(value)], value)

    def delete_value(self, key: str, name: str) -> None:
        try:
            with self._open(key, self._winreg.KEY_SET_VALUE) as handle:
                self._winreg.DeleteValue(handle, name)
        except FileNotFoundError:
            return

    def delete_key(self, key: str) -> None:
        try:
            self._winreg.DeleteKey(*self._parts(key))
        except FileNotFoundError:
            return

    def _open(self, key: str, access: int | None = None) -> Any:
        root, path = self._parts(key)
        wide = self._winreg.KEY_READ | self._winreg.KEY_WOW64_64KEY
        return self._winreg.OpenKey(root, path, 0, wide if access is None else access)

    def _parts(self, key: str) -> tuple[Any, str]:
        root, _, path = key.partition("\\")
        roots = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE", "HKCR": "HKEY_CLASSES_ROOT"}
        return getattr(self._winreg, roots[root]), path
