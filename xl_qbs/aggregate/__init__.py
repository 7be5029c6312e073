"""From patient rows to the indicator table: what an indicator counts, declared in a file, as Ibis expressions.

`definitions` and `parse` know neither Ibis nor files; `persons`, `counts` and `checks` turn definitions into
expressions that DuckDB and Spark run alike. Nothing here is evaluated as code, and no query is built from texts of
the data.
"""
