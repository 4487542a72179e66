"""The query of a comparison: what it takes beside reading the pages of runs from MLflow.

    python -m benchmarks.query [--runs 1000 5000] [--write docs/benchmarks/query.md]

A SQLite store of finished members with 50 numbers, 30 settings and a record each. The baseline
reads the pages of `MlflowClient.search_runs` that hold them and does nothing else; ours is
`toolkit.tracking.select`, which also asks for the members that failed, and reads and checks the
record of every run. The first page is read once before, so that both find a warm file. The pages
are the floor: MLflow loads every number, setting and tag of a run and cannot be asked for fewer.
"""

import argparse
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from toolkit.files import digest_of_json, write_text
from toolkit.records import ANSWERS, Channels, MemberRecord, ProbeReference
from toolkit.tracking import Store, open_store, project_member, select, sync
from toolkit.tracking.experiments import experiment_ids
from toolkit.tracking.query import MEMBERS
from toolkit.tracking.retrieval import RECORD

LATENTS = 10
QUERY = "tags.ensemble = 'many'"
COPIED = ("latest_metrics", "params")  # tables that are alike for all runs


def member(seed: int) -> MemberRecord:
    """A record of the size that a member's has."""
    key = digest_of_json(["member", seed])
    return MemberRecord(
        key=key,
        name=f"seed={seed}",
        data="many",
        ensemble="many",
        study=None,
        trial=None,
        settings={
            "schema": "training/2",
            "data": "0" * 64,
            "network": {"name": "burgess", "latents": LATENTS},
            "objective": {"name": "beta_vae", "beta": 4.0},
            "optimiser": {f"option_{number}": number for number in range(20)},
            "seed": seed,
        },
        probe=ProbeReference(digest="1" * 64, size=1000),
        status="finished",
        failure=None,
        final={f"term_{number}": 100.0 + number for number in range(10)},
        channels=Channels(information=(1.5,) * LATENTS, rate=(2.5,) * LATENTS),
        trajectory=(),
        files={},
        scores={f"mig/value_{number}": 0.5 for number in range(20)},
        scores_undefined={},
        scoring=None,
        scoring_together=None,
        answers=ANSWERS,
    )


def fill(root: Path, runs: int) -> Store:
    """A store with many runs: one is logged, and its rows are copied under other names."""
    store = open_store(root)
    first = member(0)
    first.write(root / "record")
    sync(store, [project_member(first, root / "record")])
    (experiment,) = experiment_ids(store, "many")
    (run,) = store.client.search_runs([experiment])
    folder = Path(run.info.artifact_uri)
    with sqlite3.connect(root / "mlflow.db") as database:
        row = database.execute("SELECT * FROM runs").fetchone()
        names = [column[1] for column in database.execute("PRAGMA table_info(runs)")]
        tags = dict(database.execute("SELECT key, value FROM tags"))
        for seed in range(1, runs):
            record, new = member(seed), f"{seed:032x}"
            copied = dict(zip(names, row, strict=True))
            location = folder.parent.parent / new / "artifacts"
            copied |= {"run_uuid": new, "name": f"many seed={seed}", "artifact_uri": str(location)}
            marks = ", ".join("?" * len(names))
            database.execute(f"INSERT INTO runs VALUES ({marks})", list(copied.values()))
            own = {"key": record.key, "record.digest": record.digest, "mlflow.runName": record.name}
            database.executemany(
                "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
                [(name, value, new) for name, value in (tags | own).items()],
            )
            for table in COPIED:
                columns = [c[1] for c in database.execute(f"PRAGMA table_info({table})")]
                chosen = ", ".join(f"'{new}'" if c == "run_uuid" else c for c in columns)
                database.execute(
                    f"INSERT INTO {table} SELECT {chosen} FROM {table} WHERE run_uuid = ?",
                    [run.info.run_id],
                )
            record.write(location / Path(RECORD).parent)
    return store


def pages(store: Store, query: str) -> int:
    """Read every page of a query, as MLflow's client gives it."""
    token, count = None, 0
    while True:
        page = store.client.search_runs(
            experiment_ids(store), query, max_results=1000, page_token=token
        )
        count, token = count + len(page), page.token
        if not token:
            return count


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds, and how many runs were found."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def measure(runs: int) -> list[str]:
    """One row of the table."""
    root = Path(tempfile.mkdtemp(prefix="toolkit-"))
    try:
        store = fill(root, runs)
        store.client.search_runs(experiment_ids(store), MEMBERS, max_results=1)
        baseline, expected = timed(lambda: pages(store, f"{MEMBERS} and {QUERY}"))
        ours, found = timed(lambda: len(select(store, QUERY).runs))
        if not found == expected == runs:
            raise RuntimeError(f"{runs} runs were made, MLflow found {expected}, and ours {found}")
    finally:
        shutil.rmtree(root)
    return [f"{runs:,}", f"{baseline:.1f}", f"{ours:.1f}", f"{ours / baseline:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    head = ["runs", "pages alone, CPU s", "ours, CPU s", "ratio"]
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    lines += [f"| {' | '.join(measure(runs))} |" for runs in arguments.runs]
    table = "\n".join(lines) + "\n"
    print(table)
    if arguments.write:
        command = f"python -m benchmarks.query --runs {' '.join(map(str, arguments.runs))}"
        about = __doc__.split("\n\n", 2)[2]
        write_text(
            arguments.write, f"# The query of a comparison\n\n{about}\n`{command}`\n\n{table}"
        )


if __name__ == "__main__":
    main()
