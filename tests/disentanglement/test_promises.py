"""What every score promises in the table, and what it answers at the edges."""

import inspect
import math

import numpy as np
import pytest

from toolkit.disentanglement import (
    PRESETS,
    SCORES,
    Score,
    ScoreResult,
    ScoreSettings,
    Takes,
    score_settings,
)
from toolkit.disentanglement.predictor.train_test import PredictorSettings, Split
from toolkit.disentanglement.sampler import GridSampler
from toolkit.errors import ToolkitError

GRID = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), axis=-1).reshape(-1, 2)
HEAVY = ("reduced_downstream", "fairness", "dci_forest")
VOTES = {"num_train": 30, "num_eval": 30, "batch_size": 8, "num_variance_estimate": 50}
FEW: dict[str, dict[str, object]] = {
    "beta_vae_score": {"num_train": 30, "num_eval": 30, "batch_size": 4},
    "factor_vae_score": VOTES,
    "z_max_variance": VOTES,
    "ground_truth_correlation": {"repeats": 8, "triplets": 8},
    "linearity": {"traversals": 4},
    "flatness": {"traversals": 4},
    "downstream": {"labels": [10], "classifier": "logistic"},
    "strong_generalisation": {"classifier": "logistic"},
}


def inputs(name: str, codes: np.ndarray, factors: np.ndarray) -> dict[str, object]:
    """What a score takes beside codes and factors."""
    found: dict[str, object] = {}
    if Takes.POSTERIORS in SCORES[name].takes:
        found["log_variance"] = np.full(codes.shape, -4.0)
    if Takes.NMI in SCORES[name].takes:
        together = Takes.MEMBERS in SCORES[name].takes
        width = 2 * codes.shape[1] if together else factors.shape[1]
        found["nmi"] = np.full((2 * codes.shape[1] if together else codes.shape[1], width), 0.5)
    return found


def compute(
    name: str,
    codes: np.ndarray,
    factors: np.ndarray,
    *,
    split: Split = "in_sample",
    **more: object,
) -> ScoreResult:
    """A score with few draws."""
    score, options = SCORES[name], dict(FEW.get(name, {}))
    if "split" in score.settings.options():
        options["split"] = split
    subject = [codes, codes[:, ::-1]] if Takes.MEMBERS in score.takes else codes
    keywords = inputs(name, codes, factors) | more
    return score.compute(subject, factors, score_settings(name, **options), seed=0, **keywords)


def marked(names: list[str]) -> list[object]:
    return [pytest.param(n, marks=[pytest.mark.slow] if n in HEAVY else []) for n in names]


def keeps(score: Score, answer: ScoreResult) -> bool:
    value = answer.values[score.main]
    return (
        set(answer.values) <= set(score.values)
        and score.low - 1e-9 <= value <= score.high + 1e-9
        and all(math.isfinite(v) for v in answer.values.values())
    )


@pytest.mark.parametrize("name", marked(list(SCORES)))
def test_every_score_keeps_its_promises(name: str) -> None:
    codes = GRID + np.random.default_rng(0).normal(size=(12, 2)) / 2
    sampler = {"sampler": GridSampler.of_table(codes, sizes=(3, 4))}
    answer = compute(name, codes, GRID, **(sampler if Takes.SAMPLER in SCORES[name].takes else {}))
    assert keeps(SCORES[name], answer)
    assert answer.to_json()["values"].keys() == answer.values.keys()


PERFECT = np.column_stack([GRID[:, 0] / 2, GRID[:, 1] / 3])
MIXED = np.column_stack([PERFECT.sum(axis=1), PERFECT[:, 0] - PERFECT[:, 1]])
WITH_ROWS_ALONE = Takes.FACTORS | Takes.GRID | Takes.SAMPLER | Takes.INTEGER_CODES
# without scores that are blind to a rotation, and slow ones
RANKED = [
    name
    for name, score in SCORES.items()
    if score.good == "high"
    and not score.takes & ~WITH_ROWS_ALONE
    and name not in ("downstream", "infoe_classification", "infoe_regression", "explicitness")
    and name not in ("linearity", "beta_vae_score", "ground_truth_correlation", *HEAVY)
]


@pytest.mark.parametrize("name", RANKED)
def test_a_channel_each_is_better_than_a_rotation(name: str) -> None:
    values = []
    for codes in (PERFECT, MIXED):
        sampler = {"sampler": GridSampler.of_table(codes, sizes=(3, 4))}
        answer = compute(
            name, codes, GRID, **(sampler if Takes.SAMPLER in SCORES[name].takes else {})
        )
        values.append(answer.values[SCORES[name].main])
    assert values[0] > values[1]


NOISE = np.random.default_rng(1).normal(size=(24, 3))
TWICE = np.tile(GRID, (2, 1))
EDGES = {
    "constant channels": (np.full((24, 3), 0.3), TWICE),
    "one constant channel": (np.column_stack([NOISE[:, :2], np.ones(24)]), TWICE),
    "one channel": (NOISE[:, :1], TWICE),
    "a factor of one value": (NOISE, np.column_stack([TWICE, np.ones(24, dtype=int)])),
    "as many values as images": (NOISE, np.arange(24)[:, None]),
    "integer codes": (TWICE * 5, TWICE),
    "integer codes, one channel": (TWICE[:, :1], TWICE),
}
WITH_ROWS = [name for name, score in SCORES.items() if Takes.MEMBERS not in score.takes]


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", marked(WITH_ROWS))
def test_edges_have_the_right_value_or_a_sentence(name: str, edge: str) -> None:
    codes, factors = EDGES[edge]
    if name in ("dci", "downstream") and edge == "as many values as images":
        codes, factors = codes[:8], factors[:8]  # a tree a value and stage
    refusal, answer = None, None
    try:
        answer = compute(name, codes, factors)
    except ToolkitError as error:
        refusal = str(error)
    if answer is None:
        assert refusal is not None
        assert refusal.endswith(".")
        assert len(refusal) > 40
        return
    assert keeps(SCORES[name], answer)
    if edge == "a factor of one value" and Takes.FACTORS in SCORES[name].takes:
        assert answer.factors == (0, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mig", 0.0),
        ("mig_sup", 0.0),
        ("modularity", 0.0),
        ("infom", 0.0),
        ("infoc", 0.0),
        ("sap", 0.0),
        ("irs", 0.0),
        ("factor_vae_score", 0.0),
        ("explicitness", 0.5),
        ("infoe_regression", 0.0),
        ("dci", 0.0),
        ("mig_entropy", 0.0),
    ],
)
def test_constant_channels_know_nothing(name: str, value: float) -> None:
    answer = compute(name, *EDGES["constant channels"])
    assert answer.values[SCORES[name].main] == pytest.approx(value, abs=1e-9)


def test_every_preset_names_known_scores_and_their_settings() -> None:
    assert set(PRESETS) == {"locatello2019", "infomec2023", "michlo2022", "paper"}
    for preset in PRESETS.values():
        for name, settings in preset.scores.items():
            assert type(settings) is SCORES[name].settings


def test_the_table_describes_every_score_in_one_line() -> None:
    for score in SCORES.values():
        assert score.main in score.values
        assert score.low < score.high
        assert "\n" not in score.measures
        assert score.source.endswith(")")


KEYWORDS = {
    Takes.SAMPLER: "sampler",
    Takes.POSTERIORS: "log_variance",
    Takes.NMI: "nmi",
    Takes.INFORMATION: "information",
    Takes.MEMBERS: "rates",
}
OF_PYTHON = {"images", "samples"}  # that only a caller in Python can hand in


@pytest.mark.parametrize("name", SCORES)
def test_a_score_takes_exactly_what_its_row_says(name: str) -> None:
    score = SCORES[name]
    parameters = inspect.signature(score.compute).parameters
    assert list(parameters)[:3] == ["codes", "factors", "settings"]
    assert parameters["settings"].annotation in (score.settings, *score.settings.__mro__)
    expected = {"seed"} | {word for flag, word in KEYWORDS.items() if flag in score.takes}
    expected |= {"table"} if score.table is not None else set()
    assert set(list(parameters)[3:]) - OF_PYTHON == expected
    if score.table is not None:
        assert set(score.table.settings.options()) <= set(score.settings.options())
    if score.by_factor is not None:
        assert issubclass(score.settings, PredictorSettings)


@pytest.mark.parametrize("name", SCORES)
def test_settings_are_records_whose_defaults_keep_their_limits(name: str) -> None:
    kind = SCORES[name].settings
    assert issubclass(kind, ScoreSettings)
    settings = score_settings(name)
    assert hash(settings) == hash(kind())
    assert kind.from_json(settings.to_json()) == settings
