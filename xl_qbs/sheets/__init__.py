"""The sheet model, and the result sheets described in it: meaning, values and native formulas; no files."""
