"""Reads each NAME.arrow and NAME.parquet of a folder by the libraries of notebooks; prints {name: {rows, types, equal}} as JSON."""

import json
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

found = {}
for file in sorted(Path(sys.argv[1]).glob("*.arrow")):
    columnar = file.with_suffix(".parquet")
    arrow, parquet = pa.ipc.open_file(file).read_all(), pq.read_table(columnar)
    counts = {
        pl.read_parquet(columnar).height,
        pl.read_ipc(file).height,
        len(duckdb.sql(f"SELECT * FROM '{columnar}'").fetchall()),
    }
    found[file.stem] = {
        "rows": arrow.num_rows,
        "types": {field.name: str(field.type) for field in arrow.schema},
        "equal": arrow.to_pylist() == parquet.to_pylist() and counts == {arrow.num_rows},
    }
print(json.dumps(found))
