"""A report is logged once, beside the runs that it compares."""

from pathlib import Path

from toolkit.tracking import Store, artifact_path, log_report


def test_the_same_report_is_one_run_and_a_new_one_takes_its_place(store: Store, root: Path) -> None:
    folder = root / "reports" / "all"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>one</p>")

    def log() -> str:
        return log_report(
            store, "sprites", "all", folder, metrics={"runs": 12}, tags={"query": "tags.a = 'b'"}
        )

    first = log()
    assert log() == first
    run = store.client.get_run(first)
    assert (run.info.run_name, run.info.status) == ("all", "FINISHED")
    assert run.data.tags["kind"] == "comparison"
    assert run.data.tags["query"] == "tags.a = 'b'"
    assert run.data.metrics == {"comparison/runs": 12}
    assert artifact_path(store, first, "report.html").read_text() == "<p>one</p>"
    (folder / "report.html").write_text("<p>two</p>")
    store.client.set_tag(first, "verdict", "send it to Ada")
    second = log()
    assert second != first
    assert store.client.get_run(first).info.lifecycle_stage == "deleted"
    tags = store.client.get_run(second).data.tags
    assert (tags["verdict"], tags["record.replaces"]) == ("send it to Ada", first)
