"""Protocols: which scores, from how many images, with which options; and the published ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.disentanglement.table import SCORES

SCHEMA = "scores/1"  # raise it when a score's meaning changes: all are then computed again


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Scores with all that decides their values but the member and the data.

    Arguments:
        scores: options of each score by name.
        train, test: images drawn to learn from, and further ones to be asked about.
        seed: of all draws.
    """

    scores: Mapping[str, Mapping[str, Any]]
    train: int
    test: int
    seed: int

    def record(self) -> dict[str, Any]:
        """The same as JSON.

        >>> Protocol(scores={"mig": {}}, train=10, test=0, seed=1).record()["scores"]
        {'mig': {}}
        """
        return {
            "schema": SCHEMA,
            "scores": {name: dict(options) for name, options in sorted(self.scores.items())},
            "train": self.train,
            "test": self.test,
            "seed": self.seed,
        }

    def only(self, names: set[str]) -> "Protocol":
        """The same protocol for fewer scores."""
        kept = {name: options for name, options in self.scores.items() if name in names}
        return Protocol(scores=kept, train=self.train, test=self.test, seed=self.seed)

    @property
    def of_members(self) -> "Protocol":
        """Of scores that one member has by itself."""
        return self.only({name for name in self.scores if "models" not in SCORES[name].needs})

    @property
    def of_groups(self) -> "Protocol":
        """Of scores that only several members have together."""
        return self.only({name for name in self.scores if "models" in SCORES[name].needs})


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published protocol; a seed makes it one that can be followed.

    Arguments:
        train: images drawn for the codes, with replacement.
        test: further images that predictors are asked about; 0 asks about the training images.
        scores: options of each score, by name.
        source: paper and year.
    """

    train: int
    test: int
    scores: Mapping[str, Mapping[str, Any]]
    source: str


LOCATELLO = Preset(
    train=10_000,
    test=5_000,
    scores={
        "beta_vae_score": {"points": 10_000, "asked": 5_000, "batch": 64},
        "factor_vae_score": {
            "votes": 10_000,
            "asked": 5_000,
            "batch": 64,
            "variance_images": 10_000,
            "threshold": 0.05,
        },
        "mig": {"bins": 20},
        "modularity": {"bins": 20},
        "explicitness": {},
        "dci": {},
        "sap": {},
        "irs": {"quantile": 0.99, "factor_bins": 20},
        "gaussian_total_correlation": {},
        "wasserstein_correlation": {},
        "pairwise_information": {"bins": 20},
    },
    source="Locatello et al. (2019), https://arxiv.org/abs/1811.12359",
)

INFOMEC = Preset(
    train=10_000,
    test=0,
    scores={
        "infom": {"estimator": "neighbours", "neighbours": 3, "least_range": 1 / 8},
        "infoc": {"estimator": "neighbours", "neighbours": 3, "least_range": 1 / 8},
        "infoe_classification": {},
        "infoe_regression": {},
    },
    source="Hsu et al. (2023), https://arxiv.org/abs/2305.18378",
)

MICHLO = Preset(
    train=10_000,
    test=5_000,
    scores={
        "ground_truth_correlation": {"repeats": 1024, "triplets": 64, "subset": 32},
        "linearity": {"traversals": 1024},
        "flatness": {"traversals": 1024},
        "mig": {"bins": 20},
        "factor_vae_score": {
            "votes": 10_000,
            "asked": 5_000,
            "batch": 64,
            "variance_images": 10_000,
            "threshold": 0.0,
        },
    },
    source="Michlo et al. (2022), https://arxiv.org/abs/2202.13341",
)

PAPER = Preset(
    train=1_000,
    test=0,
    scores={"channel_nmi": {}, "channel_bits": {}, "active_units": {"threshold": 0.01}},
    source="Murphy, Dillavou & Bassett (2025), https://arxiv.org/abs/2405.21042",
)

PRESETS: dict[str, Preset] = {
    "locatello2019": LOCATELLO,
    "infomec2023": INFOMEC,
    "michlo2022": MICHLO,
    "paper": PAPER,
}
