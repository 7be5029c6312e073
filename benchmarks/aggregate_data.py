"""Makes tables of any number of lists and indicators, filled with chance numbers, and their scheme.

    python benchmarks/aggregate_data.py 100000 40 TABLE.parquet SCHEME.csv

The numbers mean nothing: only how many there are matters here. The same sizes give the same table every time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

SEED = 2024


def write(lists: int, indicators: int, table: Path, scheme: Path) -> None:
    """Write a wide table as Parquet or CSV by its ending, and its scheme."""
    rng = np.random.default_rng(SEED)
    target = rng.integers(0, 300, (lists, indicators))
    # Lists differ by one engagement for all indicators, as real ones do; without it there is no first component.
    engagement = rng.beta(5, 2, (lists, 1)) + rng.normal(0, 0.1, target.shape)
    done = np.floor(target * np.clip(engagement, 0, 1)).astype(int)
    columns: dict[str, object] = {"provider": [f"N{number:06d}" for number in range(1, lists + 1)]}
    for number in range(indicators):
        columns[f"i{number + 1:02d} target"], columns[f"i{number + 1:02d} done"] = target[:, number], done[:, number]
    made = pa.table(columns)
    if table.suffix == ".parquet":
        pyarrow.parquet.write_table(made, table)
    else:
        pyarrow.csv.write_csv(made, table)
    rows = [f"i{number:02d},II,Indicator number {number},{number + 4},0.7" for number in range(1, indicators + 1)]
    scheme.write_text("\n".join(["code,domain,name,points,required coverage", *rows, ""]), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", type=int)
    parser.add_argument("indicators", type=int)
    parser.add_argument("table", type=Path)
    parser.add_argument("scheme", type=Path)
    arguments = parser.parse_args()
    write(arguments.lists, arguments.indicators, arguments.table, arguments.scheme)
