"""What is scored: the scheme, its presets, and schemes read from a file or a sheet's rows."""

from xl_qbs.scheme.model import Band, Clause, Condition, Indicator, Scheme
from xl_qbs.scheme.parse import scheme_from_mapping, scheme_from_rows
from xl_qbs.scheme.presets import preset, preset_names

__all__ = [
    "Band",
    "Clause",
    "Condition",
    "Indicator",
    "Scheme",
    "preset",
    "preset_names",
    "scheme_from_mapping",
    "scheme_from_rows",
]
