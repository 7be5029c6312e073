"""The efficiency book: quality and cost side by side, every model in formulas, and how far they agree."""
