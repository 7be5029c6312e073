"""The commands of xl-qbs: their options, and what they say; each calls a whole job."""
