"""The formula templates: workbooks that compute every score without Python, described as blocks; no files."""
