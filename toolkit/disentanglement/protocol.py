"""Protocols: which scores, from how many images, with which settings; and the published ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from toolkit.disentanglement.record import Takes
from toolkit.disentanglement.settings import ScoreSettings
from toolkit.disentanglement.table import SCORES, score_settings
from toolkit.records import JsonObject, fields_from_json
from toolkit.records.versions import SCORES as SCORES_VERSION

SCHEMA = SCORES_VERSION

# options of former versions, and what they are called now
RENAMED: dict[str, dict[str, str]] = {
    "beta_vae_score": {"points": "num_train", "asked": "num_eval", "batch": "batch_size"},
    "factor_vae_score": {
        "votes": "num_train",
        "asked": "num_eval",
        "batch": "batch_size",
        "variance_images": "num_variance_estimate",
    },
    "z_max_variance": {
        "votes": "num_train",
        "asked": "num_eval",
        "batch": "batch_size",
        "variance_images": "num_variance_estimate",
    },
}


@dataclass(frozen=True, kw_only=True)
class ProtocolForm:
    """A protocol in JSON; options of each score by name."""

    schema: str
    scores: Mapping[str, JsonObject]
    train: int
    test: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Scores with all that decides their values but the member and the data.

    Arguments:
        scores: settings of each score by name.
        train, test: images drawn to train predictors on, and further ones to test them on.
        seed: of all draws.
    """

    scores: Mapping[str, ScoreSettings]
    train: int
    test: int
    seed: int

    def to_json(self) -> dict[str, object]:
        """The same as JSON; `from_json` reads it back.

        >>> mig = {"mig": score_settings("mig", bins=10)}
        >>> Protocol(scores=mig, train=10, test=0, seed=1).to_json()["scores"]
        {'mig': {'bins': 10}}
        """
        return {
            "schema": SCHEMA,
            "scores": {name: found.to_json() for name, found in sorted(self.scores.items())},
            "train": self.train,
            "test": self.test,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> "Protocol":
        """A protocol from what `to_json` gave.

        Raises:
            ToolkitError: a score or an option is unknown, or a value outside its limits.
        """
        form = fields_from_json(ProtocolForm, value, source="a protocol of scores")
        return cls(
            scores={name: score_settings(name, **found) for name, found in form.scores.items()},
            train=form.train,
            test=form.test,
            seed=form.seed,
        )

    def only(self, names: set[str]) -> "Protocol":
        """The same protocol for fewer scores."""
        return replace(
            self, scores={name: self.scores[name] for name in self.scores.keys() & names}
        )

    @property
    def of_members(self) -> "Protocol":
        """Of scores that one member has by itself."""
        together = {name for name in self.scores if Takes.MEMBERS in SCORES[name].takes}
        return self.only(self.scores.keys() - together)

    @property
    def of_groups(self) -> "Protocol":
        """Of scores that only several members have together."""
        return self.only({name for name in self.scores if Takes.MEMBERS in SCORES[name].takes})


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published protocol; a seed makes it one that can be followed.

    Arguments:
        train: images drawn with replacement, to train predictors on and for all other scores.
        test: further images to test predictors on; 0 tests on the training images.
        scores: settings of each score, by name.
        source: paper and year.
    """

    train: int
    test: int
    scores: Mapping[str, ScoreSettings]
    source: str


def _scores(**options: Mapping[str, object]) -> dict[str, ScoreSettings]:
    return {name: score_settings(name, **of_score) for name, of_score in options.items()}


LOCATELLO = Preset(
    train=10_000,
    test=5_000,
    scores=_scores(
        beta_vae_score={"num_train": 10_000, "num_eval": 5_000, "batch_size": 64},
        factor_vae_score={
            "num_train": 10_000,
            "num_eval": 5_000,
            "batch_size": 64,
            "num_variance_estimate": 10_000,
            "threshold": 0.05,
        },
        mig={"bins": 20},
        modularity={"bins": 20},
        explicitness={},
        dci={},
        sap={},
        irs={"quantile": 0.99, "factor_bins": 20},
        gaussian_total_correlation={},
        wasserstein_correlation={},
        pairwise_information={"bins": 20},
    ),
    source="Locatello et al. (2019), https://arxiv.org/abs/1811.12359",
)

INFOMEC = Preset(
    train=10_000,
    test=0,
    scores=_scores(
        infom={"estimator": "neighbours", "neighbours": 3, "least_range": 1 / 8},
        infoc={"estimator": "neighbours", "neighbours": 3, "least_range": 1 / 8},
        infoe_classification={},
        infoe_regression={},
    ),
    source="Hsu et al. (2023), https://arxiv.org/abs/2305.18378",
)

MICHLO = Preset(
    train=10_000,
    test=5_000,
    scores=_scores(
        ground_truth_correlation={"repeats": 1024, "triplets": 64, "subset": 32},
        linearity={"traversals": 1024},
        flatness={"traversals": 1024},
        mig={"bins": 20},
        factor_vae_score={
            "num_train": 10_000,
            "num_eval": 5_000,
            "batch_size": 64,
            "num_variance_estimate": 10_000,
            "threshold": 0.0,
        },
    ),
    source="Michlo et al. (2022), https://arxiv.org/abs/2202.13341",
)

PAPER = Preset(
    train=1_000,
    test=0,
    scores=_scores(channel_nmi={}, channel_bits={}, active_units={"threshold": 0.01}),
    source="Murphy, Dillavou & Bassett (2025), https://arxiv.org/abs/2405.21042",
)

PRESETS: dict[str, Preset] = {
    "locatello2019": LOCATELLO,
    "infomec2023": INFOMEC,
    "michlo2022": MICHLO,
    "paper": PAPER,
}
