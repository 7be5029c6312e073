"""The version of the package and of its methods, said once."""

__version__ = "0.1.0"

# Raised whenever a number can come out differently from the same input and options.
METHOD_VERSION = "1"
