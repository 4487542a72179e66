"""What is known of a hot spot: who found it, how sure that is, and which factors it is about."""

from dataclasses import dataclass

from toolkit.report.intervals import Interval
from toolkit.structure import Stability

LEAST_JOINT_SHARE = 0.1  # of a channel's bits, that a second factor adds if the two are named


@dataclass(frozen=True, kw_only=True)
class FactorMatch:
    """A hot spot beside one known factor.

    Arguments:
        name: of the factor.
        nmi: of the central channel with it.
        interval: 95 % interval of that NMI for infinitely many images.
        chance: the largest NMI among 39 permutations of the factor's values over the images.
    """

    name: str
    nmi: float
    interval: Interval
    chance: float

    @property
    def above_chance(self) -> bool:
        """Whether the NMI is larger than under every permutation."""
        return self.nmi > self.chance


@dataclass(frozen=True, kw_only=True)
class SecondMatch:
    """What the central channel of a hot spot knows about a second factor beyond the first, in bits.

    Arguments:
        name: of the second factor.
        bits: with its bias removed.
        chance: the largest number among 39 permutations within the values of the first factor.
    """

    name: str
    bits: float
    chance: float


@dataclass(frozen=True, kw_only=True)
class HotSpot:
    """A group of channels of several runs that carry the same information.

    Arguments:
        rank: 1 for the one with the most bits confirmed over all runs; those that are not claimed
            come after those that are.
        channels: positions in the channel table, ascending; all agree with the central one.
        members: number of runs it was found in.
        runs: number of runs compared.
        mean_bits: mean information of its channels.
        bits_interval: 95 % interval of that mean for infinitely many images; the errors of its
            channels are taken as fully correlated.
        mean_nmi: mean NMI between two of its channels.
        smallest_nmi: the smallest between two of its channels.
        nmi_interval: 95 % interval of the mean for infinitely many images; None where two of its
            channels together are so near log2 n that the number of images decides.
        central: (run, latent) of the channel with the largest mean NMI to the others.
        splits: for each run that carries it in two channels or more, the positions of these.
        stability: share of resamples of images and runs in which it comes back.
        by_chance: share of 19 draws of random axes with a group of as many runs and as high a mean
            NMI; None where fewer than two runs have two active channels: they have no other axes.
        factors: one per known factor, the largest NMI first.
        second: the factor that adds most to the first, or None.
    """

    rank: int
    channels: tuple[int, ...]
    members: int
    runs: int
    mean_bits: float
    bits_interval: Interval
    mean_nmi: float
    smallest_nmi: float
    nmi_interval: Interval | None
    central: tuple[int, int]
    splits: tuple[tuple[int, ...], ...]
    stability: Stability
    by_chance: float | None
    factors: tuple[FactorMatch, ...]
    second: SecondMatch | None

    @property
    def confirmed_bits(self) -> float:
        """Mean bits times mean NMI: about the bits that two channels of the hot spot share."""
        return self.mean_bits * self.mean_nmi

    @property
    def above_chance(self) -> bool:
        """Whether no draw of random axes has a group as strong; so too where there are no draws."""
        return not self.by_chance

    @property
    def claimed(self) -> bool:
        """Whether it comes back in resamples, and is stronger than with random axes."""
        return self.stability.stable and self.above_chance

    @property
    def factor(self) -> str | None:
        """The factor it is named by: above chance, and its interval above that of every other."""
        if not self.factors or not self.factors[0].above_chance:
            return None
        first, *others = self.factors
        ahead = all(first.interval.low > other.interval.high for other in others)
        return first.name if ahead else None

    @property
    def factor_nmi(self) -> float | None:
        """The largest NMI with a factor, whether it is named by it or not."""
        return self.factors[0].nmi if self.factors else None

    @property
    def joint(self) -> tuple[str, str] | None:
        """The two factors it is about: the second adds a tenth of its bits, more than by chance."""
        second = self.second
        if second is None or not self.factors[0].above_chance:
            return None
        least = max(second.chance, LEAST_JOINT_SHARE * self.mean_bits)
        return (self.factors[0].name, second.name) if second.bits > least else None
