"""The ways in which building and installing the add-in can fail."""

from __future__ import annotations

from xl_qbs.errors import QbsError


class AddinError(QbsError):
    """The base of the errors about the Excel add-in."""


class MissingPackageError(AddinError):
    """A package that only the add-in needs is not installed."""


class XlwingsVersionError(AddinError):
    """The installed xlwings is not the version that the add-in is made for."""


class NotWindowsError(AddinError):
    """This is not Windows, where the add-in can be installed."""


class AddinFileError(AddinError):
    """The add-in's file cannot be read, written, or is no add-in of xl_qbs."""
