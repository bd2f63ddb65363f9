"""What DuckDB takes to write a table of messages, loaded beforehand, with COPY.

    python copy.py OURS.jsonl DIR

Two formats, to a file each, medians of five.
"""

import statistics
import sys
import time
from pathlib import Path

import duckdb

source, folder = sys.argv[1], Path(sys.argv[2])
db = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
db.execute(
    "CREATE TABLE message AS SELECT * FROM read_json_auto(?, format = 'newline_delimited', "
    "maximum_object_size = 100000000)",
    [source],
)
(count,) = db.execute("SELECT count(*) FROM message").fetchone()
for name, options in (
    ("JSON", "FORMAT json"),
    ("CSV", "FORMAT csv, HEADER"),
    ("Parquet", "FORMAT parquet, COMPRESSION zstd"),
):
    file = folder / f"copy.{name.lower()}"
    times = []
    for _ in range(5):
        start = time.perf_counter()
        db.execute(f"COPY message TO '{file}' ({options})")
        times.append(time.perf_counter() - start)
    rate = count / statistics.median(times)
    print(f"DuckDB, COPY to {name}: {rate:.0f}/s, {file.stat().st_size} bytes")
