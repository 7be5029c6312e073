"""Whole jobs, each from the files that are read to the file that is written, with their steps shown."""
