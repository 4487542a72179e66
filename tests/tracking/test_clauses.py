"""Plain filter strings mean here what they mean to MLflow, and other ones are left to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.exceptions import MlflowException
from mlflow.utils.search_utils import SearchUtils

from toolkit.tracking.clauses import Clause, plain_clauses


def mlflow_clauses(query: str) -> list[Clause]:
    """What MLflow's own parser reads."""
    return [
        Clause(
            kind=clause["type"],
            key=clause["key"],
            comparator=clause["comparator"],
            value=clause["value"],
        )
        for clause in SearchUtils.parse_search_filter(query)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "tags.ensemble = 'sprites-beta'",
        'tags.ensemble = "sprites-beta" and tags.dataset != "sprites"',
        "  tags.`record.schema`='member/1'  AND  metrics.`hp/beta` >= 4.5 ",
        "params.`seed` = '0' and metrics.distortion < 100",
        "tags.kind = 'select' and tags.study != 'and'",
        "tags.`a` = '--' and tags.`--` = 'b'",
    ],
)
def test_plain_queries_are_read_as_mlflow_reads_them(query: str) -> None:
    assert plain_clauses(query) == mlflow_clauses(query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "tags.ensemble LIKE 'a%'",
        "tags.ensemble IS NULL",
        "attributes.status = 'FINISHED'",
        "status = 'FINISHED'",
        "tags.ensemble = 'a b'",
        "tags.key = 'a'",
        "metrics.loss > -1",
        "metrics.loss > 1e3",
    ],
)
def test_queries_that_are_not_plain_are_left_to_mlflow(query: str) -> None:
    assert plain_clauses(query) is None
    mlflow_clauses(query)


@pytest.mark.parametrize(
    "query",
    [
        "tags.ensemble = a",
        "tags.ensemble = 'a' or tags.ensemble = 'b'",
        "tags.ensemble = 'a' and",
        "and tags.ensemble = 'a'",
        "tags.ensemble > 'a'",
        "metrics.loss = 'a'",
        "params.beta > 4",
        "ensemble = 'a'",
        "tags.hp/beta = 'a'",
        "(tags.ensemble = 'a')",
        "tags.ensemble = 'a'; tags.ensemble = 'b'",
        "tags.ensemble = 'a",
    ],
)
def test_queries_that_mlflow_refuses_are_not_taken(query: str) -> None:
    assert plain_clauses(query) is None


NAMES = ["kind", "ensemble", "study", "dataset", "objective", "distortion", "rate", "`and`"]
KEYS = st.sampled_from(NAMES) | st.from_regex(r"`[A-Za-z0-9_./-]{1,8}`", fullmatch=True)
SPACES = st.sampled_from(["", " ", "  "])
TEXTS = st.from_regex(r"'[A-Za-z0-9_./-]{1,8}'|\"[A-Za-z0-9_./-]{1,8}\"", fullmatch=True)
NUMBERS = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True)
CLAUSES = st.one_of(
    st.tuples(st.sampled_from(["tags.", "params."]), KEYS, SPACES, st.sampled_from(["=", "!="]),
              SPACES, TEXTS),
    st.tuples(st.just("metrics."), KEYS, SPACES,
              st.sampled_from(["=", "!=", ">", ">=", "<", "<="]), SPACES, NUMBERS),
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(CLAUSES, min_size=1, max_size=3).map(" and ".join))
def test_whatever_is_plain_means_the_same_to_mlflow(query: str) -> None:
    plain = plain_clauses(query)
    assert plain is not None
    try:
        assert plain == mlflow_clauses(query)
    except MlflowException as error:
        raise AssertionError(query) from error
