"""Which members a query means, in one order, and what is said when it means none."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracking.members import make_ensemble, make_member
from toolkit.errors import ToolkitError, UnknownNameError
from toolkit.tracking import (
    LeftOutRun,
    Store,
    TrackedRun,
    open_store,
    project_ensemble,
    project_member,
    select,
    sync,
)
from toolkit.tracking import experiments as experiments_module


def members(root: Path) -> list[TrackedRun]:
    made = [
        make_member(root / "made", beta=1.0, seed=0),
        make_member(root / "made", beta=4.0, seed=0),
        make_member(root / "made", beta=4.0, seed=1),
        make_member(root / "made", beta=8.0, seed=0, failed=True),
        make_member(root / "made", beta=8.0, seed=1, ensemble="mnist-beta", data="mnist"),
    ]
    runs = [project_member(record, folder) for record, folder in made]
    return [*runs, project_ensemble(make_ensemble([record for record, _ in made[:4]]), Path())]


def refusal(store: Store, query: str, **where: str) -> str:
    with pytest.raises(ToolkitError) as refused:
        select(store, query, **where)
    return str(refused.value)


def test_the_order_does_not_depend_on_the_order_of_logging(
    store: Store, root: Path, tmp_path: Path, empty_store: Path
) -> None:
    runs = members(root)
    sync(store, runs)
    other_root = tmp_path / "other"
    other_root.mkdir()
    (other_root / "mlflow.db").write_bytes(empty_store.read_bytes())
    other = open_store(other_root)
    for run in runs[::-1]:
        sync(other, [run])

    def told(where: Store) -> list[tuple[object, ...]]:
        return [(run.name, run.record) for run in select(where, "").runs]

    assert told(store) == told(other)
    assert [run.name for run in select(store, "").runs] == [
        "mnist-beta/beta=8 seed=1",
        "sprites-beta/beta=1 seed=0",
        "sprites-beta/beta=4 seed=0",
        "sprites-beta/beta=4 seed=1",
    ]


def test_a_selected_run_has_its_record(store: Store, root: Path) -> None:
    record, folder = make_member(root / "made", beta=4.0, seed=1, study="sweep", trial=7)
    sync(store, [project_member(record, folder)])
    (run,) = select(store, "tags.study = 'sweep'").runs
    assert run.record == record
    assert (run.record.study, run.record.trial) == ("sweep", 7)
    assert run.run.digest == record.digest


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("metrics.`hp/beta` >= 4", 3),
        ("metrics.`hp/beta` = 4 and metrics.`hp/seed` < 1", 1),
        ("tags.dataset = 'sprites' and params.`objective.beta` = '1.0'", 1),
        ("tags.ensemble LIKE 'mnist%'", 1),
        ("metrics.`final/rate` > 2 and metrics.`final/rate` < 6", 3),
    ],
)
def test_queries_are_mlflow_filter_strings(
    store: Store, root: Path, query: str, count: int
) -> None:
    sync(store, members(root))
    assert len(select(store, query).runs) == count


def test_only_the_named_experiment_is_asked(store: Store, root: Path) -> None:
    sync(store, members(root))
    assert [run.record.data for run in select(store, "", experiment="mnist").runs] == ["mnist"]
    with pytest.raises(UnknownNameError) as refused:
        select(store, "", experiment="mnits")
    assert str(refused.value) == "no experiment is called 'mnits'. Did you mean 'mnist'?"


def test_more_runs_than_a_page_holds_are_all_found(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(store, members(root))
    monkeypatch.setattr(experiments_module, "PAGE", 2)
    assert len(select(store, "").runs) == 4


def test_a_member_that_two_ensembles_share_is_there_once(store: Store, root: Path) -> None:
    first = make_member(root / "made", ensemble="b-side")
    second = make_member(root / "made", ensemble="a-side")
    sync(store, [project_member(*first), project_member(*second)])
    (run,) = select(store, "tags.dataset = 'sprites'").runs
    assert run.record.ensemble == "a-side"
    (other,) = select(store, "tags.ensemble = 'b-side'").runs
    assert other.record.ensemble == "b-side"


def test_a_query_that_is_not_understood_comes_back_with_the_grammar(store: Store) -> None:
    assert refusal(store, "params.beta > 3") == (
        "the query 'params.beta > 3' is not understood: Expected a quoted string value for "
        "parameter (e.g. 'my-value'). Got value 3. Write comparisons joined by `and`, such as "
        "tags.ensemble = 'sprites-beta' and metrics.`hp/beta` >= 4; texts are quoted, names with "
        "a slash or dot stand in backticks, `or` does not exist, and numbers are metrics "
        "(params.* hold texts)."
    )


@pytest.mark.parametrize(
    "query", ["tags.a = 'b' or tags.a = 'c'", "sprites", "metrics.hp/beta > 1"]
)
def test_other_misspellings_are_refused_too(store: Store, query: str) -> None:
    assert refusal(store, query).startswith(f"the query {query!r} is not understood: ")


def test_a_query_without_result_says_what_there_is(store: Store, root: Path) -> None:
    sync(store, members(root))
    query = "tags.ensemble = 'spirtes'"
    assert refusal(store, query) == (
        f"no finished member answers to the query {query!r}. There are ensembles: mnist-beta, "
        "sprites-beta; datasets: mnist, sprites; objectives: beta_vae."
    )
    assert refusal(store, query, experiment="mnist") == (
        f"no finished member in the experiment 'mnist' answers to the query {query!r}. There are "
        "ensembles: mnist-beta; datasets: mnist; objectives: beta_vae."
    )


def test_many_names_are_not_all_told(store: Store, root: Path) -> None:
    made = [make_member(root / "made", ensemble=f"e{i:02}") for i in range(12)]
    sync(store, [project_member(*member) for member in made])
    names = ", ".join(f"e{i:02}" for i in range(10))
    assert f"ensembles: {names} and 2 more; datasets" in refusal(store, "tags.ensemble = 'x'")


def test_an_empty_store_says_so(store: Store) -> None:
    assert refusal(store, "tags.ensemble = 'x'") == (
        "the run store holds no finished member yet, so nothing answers to the query "
        "\"tags.ensemble = 'x'\". Run `dvc repro`, or `toolkit sync` if the store was deleted."
    )


def test_failed_members_are_left_out_with_step_and_reason(store: Store, root: Path) -> None:
    sync(store, members(root))
    (failed,) = select(store, "tags.dataset = 'sprites'").left_out
    assert failed == LeftOutRun(
        name="sprites-beta/beta=8 seed=0", reason="Failed at step 17: the loss is not finite"
    )
    assert select(store, "tags.ensemble = 'mnist-beta'").left_out == ()


def test_runs_of_this_project_count_while_it_holds_their_records(
    store: Store, root: Path, tmp_path: Path
) -> None:
    """Another project's runs count always, and a fresh clone sees what this one does."""
    theirs = replace(store, root=tmp_path / "another")
    made = [make_member(root / "made", seed=seed) for seed in range(3)]
    sync(store, [project_member(*member) for member in made[:2]])
    sync(theirs, [project_member(*made[2])])
    current = {made[0][0].digest}
    selection = select(store, "", records=current)
    assert [run.record.seed for run in selection.runs] == [0, 2]
    assert selection.replaced == ("sprites-beta beta=4 seed=1",)
    assert [run.record.seed for run in select(theirs, "", records=()).runs] == [0, 1]
    assert [run.record.seed for run in select(store, "").runs] == [0, 1, 2]


def test_a_selection_of_runs_without_records_is_refused(store: Store, root: Path) -> None:
    sync(store, [project_member(*make_member(root / "made", seed=seed)) for seed in range(2)])
    with pytest.raises(ToolkitError) as refused:
        select(store, "", records=set())
    assert str(refused.value) == (
        "all 2 runs that the query selects are of records that this project holds no more: they "
        "were replaced, or params.yaml no longer declares them. Run `dvc repro` to make what it "
        "declares, or compare them all the same with `toolkit compare --outdated`."
    )
