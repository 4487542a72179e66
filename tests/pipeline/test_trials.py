"""A study as the pipeline runs it: one lock for all of it."""

import pytest

from toolkit.config import Params
from toolkit.errors import ToolkitError
from toolkit.locks import exclusive
from toolkit.pipeline.trials import make_study
from toolkit.workspace import Workspace


def test_a_study_is_one_process_work_under_one_lock(copy: Workspace, params: Params) -> None:
    record = copy.study("tiny-search") / "study.json"
    before = record.read_bytes()
    lock = copy.lock("study-tiny-search")
    with exclusive(lock, "study tiny-search"), pytest.raises(ToolkitError) as caught:
        make_study(copy, params, "tiny-search")
    assert str(caught.value) == (
        "this process is already working on study tiny-search. Finish or close that work first."
    )
    make_study(copy, params, "tiny-search")
    assert record.read_bytes() == before
    assert [path for path in copy.root.rglob("*.lock") if "search" in path.name] == [lock]
