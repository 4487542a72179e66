"""What a comparison found, computed once; tables, figures and pages only read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.information import Agreement, ChannelComparison
from toolkit.report.fragments import FragmentTree
from toolkit.report.hot_spots import HotSpot
from toolkit.report.intervals import Interval
from toolkit.report.recommendation import Recommendation
from toolkit.report.runs import ComparedRun, FailedMember
from toolkit.report.scores.records import Correlations, ScoreSummary, Setting
from toolkit.report.setting_difference import SettingDifference
from toolkit.report.training_course import CoursePoint
from toolkit.structure import Structure


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One latent dimension of one run.

    Arguments:
        run: position of its run among the runs of the findings.
        latent: position of the dimension within the run.
        bits: lower bound of the information about the probe images; 0 to log2 n.
        interval: 95 % interval of the bits that infinitely many images would give.
        upper: upper bound of the information about these images, bits.
        saturated: whether the bits are so near log2 n that they are only a lower bound.
        doubled: information of two independent draws from the channel, bits.
        kept: whether its bits exceed the threshold, so that it enters the structure.
        hot_spot: rank of the hot spot it belongs to, from 1; 0 for none.
        factor: the known factor with which its NMI is largest, or None.
        factor_nmi: that NMI, or None.
    """

    run: int
    latent: int
    bits: float
    interval: Interval
    upper: float
    saturated: bool
    doubled: float
    kept: bool
    hot_spot: int
    factor: str | None
    factor_nmi: float | None


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """The information of one run, and how well the other runs confirm it.

    Arguments:
        run: position of the run.
        bits: information of its channels, by latent.
        total_bits: their sum; information that two channels share counts twice.
        kept_bits: the same without the channels below the threshold.
        active: number of channels kept.
        agreement: how well its channels are found again in the other runs, about 0 to 1.
        agreement_interval: 95 % interval over other runs; None with fewer than three others.
        agreement_by_chance: the same of the runs seen from random axes; None for a run with fewer
            than two active channels, which has no axis to agree on.
        corrected_agreement: the share of agreement above chance; None where chance is unknown.
        corrected_agreement_interval: from `agreement_interval`.
        hot_spots: number of hot spots it takes part in.
        udr: unsupervised disentanglement ranking given the other runs, by kind.
    """

    run: int
    bits: tuple[float, ...]
    total_bits: float
    kept_bits: float
    active: int
    agreement: float
    agreement_interval: Interval | None
    agreement_by_chance: float | None
    corrected_agreement: float | None
    corrected_agreement_interval: Interval | None
    hot_spots: int
    udr: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Means over the runs of a curve that share one value, each with its 95 % interval over runs.

    `agreement` is among these runs only, beside random axes, and None for a single run or where
    they differ in more than their seeds. `distortion` and `rate` are over the runs that have one,
    and None where none has. An interval is None where it would rest on a single run.
    """

    value: float | int
    runs: tuple[int, ...]
    distortion: float | None
    distortion_interval: Interval | None
    rate: float | None
    rate_interval: Interval | None
    total_bits: float
    total_bits_interval: Interval | None
    active: float
    active_interval: Interval | None
    agreement: Agreement | None
    hot_spots: float
    hot_spots_interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Runs against one hyper-parameter, with nothing else between them but their seeds.

    Arguments:
        objective: of all its runs.
        parameter: the hyper-parameter.
        points: by value; two or more.
        fixed: what tells it from the other curves of this objective and hyper-parameter, such as
            "gamma=10"; empty where there is no other.
        joined: whether all other settings of its runs are equal. Where every run has other
            settings, as in a random search, its points show the runs and no line joins them.
    """

    objective: str
    parameter: str
    points: tuple[CurvePoint, ...]
    fixed: str = ""
    joined: bool = True

    @property
    def title(self) -> str:
        """Its name for readers: "beta_vae along beta, gamma=10"."""
        return f"{self.objective} along {self.parameter}" + (
            f", {self.fixed}" if self.fixed else ""
        )


@dataclass(frozen=True, kw_only=True)
class SizePoint:
    """The main numbers computed from a smaller number of probe images.

    Arguments:
        images: number of probe images.
        bits: mean over runs of the sum of bits of their kept channels.
        agreement: of all runs with one another, beside random axes.
        spot_bits: mean bits of the channels of every hot spot, by rank.
        spot_nmi: mean NMI between two channels of every hot spot, by rank.
    """

    images: int
    bits: float
    agreement: Agreement
    spot_bits: tuple[float, ...]
    spot_nmi: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A whole comparison.

    Arguments:
        runs: in their one order; every other record counts by it.
        copies: names of runs left out because another one has the same key.
        failed: members left out because their training failed.
        images: number of probe images.
        probe: their digest.
        factor_names: known factors, or nothing.
        factor_bits: entropy of every factor on the probe images, bits.
        comparison: information, NMI and VI of all channels.
        structure: the order and the groups of channels, and the method that found them.
        channels: the channel table, by run and latent.
        hot_spots: that are claimed, by rank.
        candidates: groups that are not claimed, by rank, and why not stands in each.
        summaries: one per run.
        curves: one per hyper-parameter that varies within an objective.
        agreement: of all runs with one another, beside random axes.
        sizes: the main numbers with fewer images, and with all.
        settings: groups of runs that differ in their seed alone.
        setting_differences: between every two settings with two runs or more, by measure.
        scores: one per score value in the records of the runs.
        correlations: rank correlations between scores, and numbers without labels, over runs.
        recommendation: which run, or which setting, to trust.
        course: what the runs of every setting knew while they were trained.
        fragments: how pieces of information fall apart, one tree per curve that is joined.
        threshold_bits: channels with no more bits are left out of the structure.
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
    candidates: tuple[HotSpot, ...]
    summaries: tuple[RunSummary, ...]
    curves: tuple[Curve, ...]
    agreement: Agreement
    sizes: tuple[SizePoint, ...]
    settings: tuple[Setting, ...]
    setting_differences: tuple[SettingDifference, ...]
    scores: tuple[ScoreSummary, ...]
    correlations: Correlations
    recommendation: Recommendation
    fragments: tuple[FragmentTree, ...]
    course: tuple[CoursePoint, ...]
    threshold_bits: float
    resamples: int

    def channel_name(self, position: int) -> str:
        """A channel's name in tables: its run, then its latent."""
        channel = self.channels[position]
        return f"{self.runs[channel.run].name} z{channel.latent}"
