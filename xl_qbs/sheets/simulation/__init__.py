"""The simulation book: what lists would do under each scheme, and what would come of it."""
