"""What a comparison found, computed once; tables, figures and pages only read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.information import ChannelComparison
from toolkit.report.runs import ComparedRun, FailedMember
from toolkit.report.scores.records import Correlations, ScoreSummary, Setting
from toolkit.report.spans import Span
from toolkit.structure import Structure

ALIKE = 9  # digits after the point; numbers that differ later differ by rounding and rank alike

LEAST_ALIKE = 0.25  # mean NMI below which a group holds nothing that was found again


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One latent dimension of one run.

    Arguments:
        run: position of its run among the runs of the findings.
        latent: position of the dimension within the run.
        bits: information about the probe images; a lower bound of it.
        span: where it would be with endlessly many images, 95 %.
        upper: an upper bound of the information about these images, bits.
        saturated: whether it is so near log2 n that the number is no more than a lower bound.
        doubled: information of two independent draws from it, bits.
        kept: whether it tells enough (the threshold) to enter the structure.
        hot_spot: rank of the hot spot it belongs to, from 1; 0 for none.
        factor: the known factor with which its NMI is largest, or none.
        factor_nmi: that NMI, or none.
    """

    run: int
    latent: int
    bits: float
    span: Span
    upper: float
    saturated: bool
    doubled: float
    kept: bool
    hot_spot: int
    factor: str | None
    factor_nmi: float | None


@dataclass(frozen=True, kw_only=True)
class HotSpot:
    """A piece of information that is found again: a group with a mean NMI of at least 0.25.

    Arguments:
        rank: 1 for the one with the most bits confirmed over all runs.
        channels: positions in the channel table, rising.
        members: number of runs it was found in.
        runs: number of runs compared.
        mean_bits: mean information of its channels.
        mean_nmi: mean NMI between two of its channels.
        nmi_span: where that mean would be with endlessly many images, 95 %; none where two of its
            channels together are so near log2 n that the number of images decides.
        factor: the known factor with which its channels have the largest mean NMI, or none.
        factor_nmi: that mean, or none.
        central: (run, latent) of the channel that is most like the others.
    """

    rank: int
    channels: tuple[int, ...]
    members: int
    runs: int
    mean_bits: float
    mean_nmi: float
    nmi_span: Span | None
    factor: str | None
    factor_nmi: float | None
    central: tuple[int, int]

    @property
    def confirmed_bits(self) -> float:
        """Mean bits times mean NMI: about what a channel of the hot spot shares with another."""
        return self.mean_bits * self.mean_nmi


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What one run tells, and how far the others confirm it.

    Arguments:
        run: position of the run.
        bits: information of its channels, by latent.
        total_bits: their sum; channels that tell the same are counted each.
        kept_bits: the same without the channels below the threshold.
        active: channels kept.
        agreement: how well its channels are found again in the other runs.
        agreement_span: where that would be with endlessly many other runs, 95 %; none with fewer
            than three others.
        hot_spots: number of hot spots it takes part in.
        udr: unsupervised disentanglement ranking given the other runs, by kind.
    """

    run: int
    bits: tuple[float, ...]
    total_bits: float
    kept_bits: float
    active: int
    agreement: float
    agreement_span: Span | None
    hot_spots: int
    udr: Mapping[str, float]

    @property
    def confirmed_bits(self) -> float:
        """Bits of its channels times how far the others confirm them."""
        return self.kept_bits * self.agreement


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Means over the runs of one objective that share one value of one hyper-parameter.

    `agreement` is among these runs only, and none where there is one run alone. `distortion` and
    `rate` are over the runs that have one, and none where none has.
    """

    value: float | int
    runs: tuple[int, ...]
    distortion: float | None
    rate: float | None
    total_bits: float
    active: float
    agreement: float | None
    hot_spots: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How the runs of one objective change with one hyper-parameter."""

    objective: str
    parameter: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, kw_only=True)
class SizePoint:
    """The main numbers as they come out with some number of probe images.

    Arguments:
        images: how many.
        bits: mean over runs of the bits of their kept channels, added up.
        agreement: of all runs with one another.
        spot_bits: mean bits of the channels of every hot spot, by rank.
        spot_nmi: mean NMI between two channels of every hot spot, by rank.
    """

    images: int
    bits: float
    agreement: float
    spot_bits: tuple[float, ...]
    spot_nmi: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A whole comparison.

    Arguments:
        runs: in their one order; every other record counts by it.
        copies: names of runs left out because another one has the same key.
        failed: members left out because their training came to no result.
        images: number of probe images.
        probe: their digest.
        factor_names: known factors, or nothing.
        factor_bits: entropy of every factor on the probe images, bits.
        comparison: information, NMI and VI of all channels.
        structure: what OPTICS made of them.
        channels: the channel table, by run and latent.
        hot_spots: by rank.
        summaries: one a run.
        curves: one for each hyper-parameter that varies within an objective.
        agreement: of all runs with one another.
        agreement_span: where that would be with endlessly many runs, 95 %; none with fewer than
            three.
        sizes: the main numbers with fewer images, and with all.
        settings: runs that differ in their seed alone, together.
        scores: one for each value that some run's record holds.
        correlations: how alike the scores, and the numbers that need no labels, rank the runs.
        by: what the order was made from, "vi" or "nmi".
        threshold_bits: channels that tell less are left out of the structure.
        min_samples: the OPTICS setting that was used.
        resamples: groups of images that were left out in turn, for intervals over images.
    """

    runs: tuple[ComparedRun, ...]
    copies: tuple[str, ...]
    failed: tuple[FailedMember, ...]
    images: int
    probe: str
    factor_names: tuple[str, ...]
    factor_bits: tuple[float, ...]
    comparison: ChannelComparison
    structure: Structure
    channels: tuple[Channel, ...]
    hot_spots: tuple[HotSpot, ...]
    summaries: tuple[RunSummary, ...]
    curves: tuple[Curve, ...]
    agreement: float
    agreement_span: Span | None
    sizes: tuple[SizePoint, ...]
    settings: tuple[Setting, ...]
    scores: tuple[ScoreSummary, ...]
    correlations: Correlations
    by: str
    threshold_bits: float
    min_samples: int
    resamples: int

    @property
    def by_agreement(self) -> tuple[RunSummary, ...]:
        """Runs, best confirmed first; those that differ by rounding alone stay in their order."""
        return tuple(sorted(self.summaries, key=lambda summary: -round(summary.agreement, ALIKE)))

    @property
    def most_trusted(self) -> RunSummary:
        """The run whose channels the other runs confirm best."""
        return self.by_agreement[0]

    @property
    def most_confirmed(self) -> RunSummary:
        """The run with the most confirmed bits."""
        return max(self.summaries, key=lambda summary: round(summary.confirmed_bits, ALIKE))

    def channel_name(self, position: int) -> str:
        """A channel's name in tables: its run, then its latent."""
        channel = self.channels[position]
        return f"{self.runs[channel.run].name} z{channel.latent}"
