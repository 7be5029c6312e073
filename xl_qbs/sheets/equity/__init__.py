"""The sheets of an analysis of equity by group."""
