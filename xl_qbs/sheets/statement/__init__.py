"""The statement: one page about one list, from which every number of its scores can be followed."""
