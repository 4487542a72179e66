"""Which run, or which setting, to trust: the records."""

from dataclasses import dataclass

from toolkit.report.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """How much of what a run knows the other runs find again, channel by channel.

    Arguments:
        run: position of the run.
        bits: information of its active channels.
        active: how many channels those are.
        matched: share of these bits that another run has in channels matched one to one, mean over
            the others; about 0 to 1.
        by_chance: the same share with the axes of every run turned at random; None for a run with
            fewer than two active channels, which has no axes to agree on.
        confirmed_bits: bits times (matched - by_chance) / (1 - by_chance): what comes back beyond
            random axes; 0 for a run without axes, negative where random axes would share more.
        interval: 95 % interval of `confirmed_bits` over the other runs; None with fewer than three
            of them, and for a run without axes.
    """

    run: int
    bits: float
    active: int
    matched: float
    by_chance: float | None
    confirmed_bits: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class SettingConfirmation:
    """How much the runs of one setting, which differ in their seed alone, confirm of one another.

    Arguments:
        label: what tells the setting from the others, "beta=4".
        runs: positions of its runs, two or more.
        confirmed_bits: mean over pairs of its runs, beyond the random axes of these runs.
        interval: 95 % interval of that mean over runs; None with fewer than three.
    """

    label: str
    runs: tuple[int, ...]
    confirmed_bits: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The one answer to which run, or which setting, to trust.

    Arguments:
        confirmations: one per run, most confirmed bits first.
        settings: one per setting with two runs or more, most confirmed bits first.
        best: the run to trust, of the first setting; None where nothing is confirmed beyond chance.
        rivals: runs that cannot be told from `best`: the 95 % interval of the difference of their
            confirmed bits over all other runs holds 0. Only runs of the first setting, if that
            stands out.
        setting_stands_out: whether the interval of the first setting lies above the second's.
    """

    confirmations: tuple[Confirmation, ...]
    settings: tuple[SettingConfirmation, ...]
    best: int | None
    rivals: tuple[int, ...]
    setting_stands_out: bool

    def of(self, run: int) -> Confirmation:
        """What is confirmed of one run."""
        return next(found for found in self.confirmations if found.run == run)
