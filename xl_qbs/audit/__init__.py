"""The audit of scored workbooks and templates: what should stand in them, rebuilt, against what does."""
