"""Files: find and read the indicator table in a workbook, a CSV file or a scheme file."""
