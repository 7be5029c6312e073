"""The diagnosis book: how a scheme treats lists of different size and need, in one year and between two."""
