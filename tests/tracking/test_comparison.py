"""A report is logged once, beside the runs that it compares."""

from dataclasses import replace
from pathlib import Path

from tests.tracking.members import make_member
from toolkit.tracking import (
    Store,
    artifact_path,
    log_compared,
    log_report,
    project_member,
    sync,
)


def test_the_same_report_is_one_run_and_a_new_one_takes_its_place(store: Store, root: Path) -> None:
    folder = root / "reports" / "all"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>one</p>")

    def log() -> str:
        return log_report(
            store,
            "sprites",
            "all",
            folder,
            metrics={"runs": 12},
            tags={"query": "tags.a = 'b'"},
            settings={"threshold_bits": 0.01},
            description="12 runs agree.",
        )

    first = log()
    assert log() == first
    run = store.client.get_run(first)
    assert (run.info.run_name, run.info.status) == ("comparison all", "FINISHED")
    assert run.data.tags["kind"] == "comparison"
    assert run.data.tags["query"] == "tags.a = 'b'"
    assert run.data.metrics == {"comparison/runs": 12}
    assert run.data.params == {"threshold_bits": "0.01"}
    assert run.data.tags["mlflow.note.content"] == "12 runs agree."
    assert artifact_path(store, first, "report.html").read_text() == "<p>one</p>"
    (folder / "report.html").write_text("<p>two</p>")
    store.client.set_tag(first, "verdict", "send it to Ada")
    second = log()
    assert second != first
    assert store.client.get_run(first).info.lifecycle_stage == "deleted"
    tags = store.client.get_run(second).data.tags
    assert (tags["verdict"], tags["record.replaces"]) == ("send it to Ada", first)
    store.client.set_tag(second, "mlflow.note.content", "my own words")
    (folder / "report.html").write_text("<p>three</p>")
    assert store.client.get_run(log()).data.tags["mlflow.note.content"] == "my own words"


def test_what_a_comparison_found_is_added_to_its_runs_once_and_survives_a_sync(
    store: Store, root: Path
) -> None:
    record, folder = make_member(root)
    sync(store, [project_member(record, folder)])
    (run,) = store.client.search_runs(["1"])
    run_id = run.info.run_id
    numbers = {run_id: {"agreement": 0.5, "hot_spots": 3.0}}
    assert log_compared(store, "all", numbers) == 1
    assert log_compared(store, "all", numbers) == 0
    assert log_compared(store, "some", {run_id: {"agreement": 0.25}}) == 1
    assert len(store.client.get_metric_history(run_id, "compared/all/agreement")) == 1

    # A changed record changes the same run, and keeps what comparisons added
    later = replace(record, scores={"mig/mig": 0.5})
    later.write(folder)
    summary = sync(store, [project_member(later, folder)])
    assert (summary.updated, summary.created) == (1, 0)
    metrics = store.client.get_run(run_id).data.metrics
    assert metrics["scores/mig/mig"] == 0.5
    assert metrics["compared/all/hot_spots"] == 3.0
    assert metrics["compared/some/agreement"] == 0.25


def test_runs_of_another_project_are_left_alone(store: Store, root: Path) -> None:
    record, folder = make_member(root)
    sync(store, [project_member(record, folder)])
    (run,) = store.client.search_runs(["1"])
    store.client.set_tag(run.info.run_id, "record.writer", "somebody else")
    assert log_compared(store, "all", {run.info.run_id: {"agreement": 0.5}}) == 0
    assert "compared/all/agreement" not in store.client.get_run(run.info.run_id).data.metrics
