"""How far members agree on their channels, as every record and report keeps it."""

from dataclasses import dataclass

from toolkit.records.parts import Part


@dataclass(frozen=True, kw_only=True)
class Agreement(Part):
    """The agreement of members, what random axes would give, and the corrected number. No unit.

    All numbers are of the members with two informative channels or more: one channel has no other
    axis, so its member agrees with everything or nothing whatever it learnt. With fewer than two
    such members nothing can be said of axes: `value` is then of all members, and what rests on
    chance is None.

    Arguments:
        value: `cross_run_agreement`, about 0 to about 1.
        low, high: its 95 % interval over members (other seeds); None with fewer than three.
        by_chance: the mean of the same number over draws of random axes.
        chance_low, chance_high: where 95 % of draws of random axes lie; a value inside is no sign
            that axes are found again.
        corrected: (value - by_chance) / (1 - by_chance), at most about 1, 0 at chance, below 0
            where members share less than spaces turned at random; None where `by_chance` is above
            0.99.
        corrected_low, corrected_high: 95 % interval of `corrected` over members; None with fewer
            than three, or where `by_chance` without one of them is 1.
        members: how many the numbers are of.
        excluded: positions of the members left out, in the order of their numbers.
    """

    value: float
    low: float | None = None
    high: float | None = None
    by_chance: float | None = None
    chance_low: float | None = None
    chance_high: float | None = None
    corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    members: int
    excluded: tuple[int, ...] = ()
