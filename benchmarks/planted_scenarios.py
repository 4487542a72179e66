"""Scenarios of planted pieces: ten to choose a method by, and ten that were held back."""

from collections.abc import Mapping

from benchmarks.planted import Scenario

TUNED: Mapping[str, Scenario] = {
    "plain": Scenario(about="five pieces, ten members", members=10, pieces=(0.1,) * 5),
    "three members": Scenario(about="three members", members=3, pieces=(0.1, 0.15, 0.2), private=2),
    "several beta": Scenario(
        about="noisier, wider copies at larger beta",
        members=12,
        pieces=(0.1,) * 5,
        noise=(0.05, 0.1, 0.15),
        widening=(1.0, 2.0, 4.0),
    ),
    "rotated": Scenario(
        about="two of four pieces turned into each other in half of the members",
        members=12,
        pieces=(0.1,) * 4,
        rotated=0.5,
    ),
    "private": Scenario(
        about="more private channels than shared ones", members=10, pieces=(0.1, 0.2), private=5
    ),
    "split": Scenario(
        about="one piece in two noisy channels in a third of the members",
        members=10,
        pieces=(0.1,) * 4,
        split=0.35,
        noise=(0.1,),
    ),
    "skewed": Scenario(
        about="skewed means, uneven widths",
        members=10,
        pieces=(0.1, 0.15, 0.2, 0.3),
        means="skewed",
        uneven=0.4,
        noise=(0.1,),
    ),
    "nothing shared": Scenario(about="no pieces", members=10, pieces=(), private=5),
    "many members": Scenario(
        about="100 members that carry 60 % of the pieces each",
        members=100,
        pieces=(0.1, 0.15, 0.2, 0.3),
        carried=0.6,
        images=200,
        noise=(0.05, 0.15),
    ),
    "unequal bits": Scenario(
        about="one piece of 4 bits, one of 0.3", members=8, pieces=(0.05, 0.1, 0.5, 1.0)
    ),
}
HELD_BACK: Mapping[str, Scenario] = {
    "four members": Scenario(
        about="four members that carry most pieces", members=4, pieces=(0.1,) * 4, carried=0.85
    ),
    "beta and rotation": Scenario(
        about="noisier copies at larger beta, a third of the members rotated",
        members=15,
        pieces=(0.08, 0.1, 0.12, 0.15),
        noise=(0.05, 0.12, 0.2),
        widening=(1.0, 1.7, 3.0),
        rotated=0.35,
    ),
    "weak": Scenario(
        about="weak channels in every member, pieces of 1.5 and 0.3 bits",
        members=10,
        pieces=(0.1, 0.3, 1.0),
        weak=4,
    ),
    "halved": Scenario(
        about="one piece as a positive and a negative half in a quarter of the members",
        members=12,
        pieces=(0.1, 0.15, 0.2),
        halved=0.25,
    ),
    "collapsed": Scenario(
        about="a third of the members collapsed, the others carry 80 % of the pieces",
        members=12,
        pieces=(0.1,) * 5,
        collapsed=0.33,
        carried=0.8,
        private=2,
    ),
    "clusters": Scenario(
        about="means in eight clusters",
        members=10,
        pieces=(0.05, 0.1, 0.1, 0.2),
        means="clusters",
        noise=(0.05, 0.1),
    ),
    "uniform": Scenario(
        about="uniform means, uneven widths, private channels of 4 bits",
        members=20,
        pieces=(0.1, 0.1, 0.2, 0.3, 0.4),
        means="uniform",
        uneven=0.5,
        private=2,
        private_width=0.05,
        noise=(0.1, 0.15),
    ),
    "nothing shared, weak": Scenario(
        about="no pieces, weak channels", members=20, pieces=(), private=3, weak=3
    ),
    "100 images": Scenario(
        about="100 images only, channels near the ceiling",
        members=10,
        pieces=(0.05, 0.1, 0.1, 0.2),
        private=2,
        private_width=0.05,
        images=100,
    ),
    "300 members": Scenario(
        about="300 members, unequal, half of the pieces each",
        members=300,
        pieces=(0.1, 0.2, 0.3),
        carried=0.5,
        rotated=0.1,
        images=150,
        noise=(0.05, 0.1, 0.2),
    ),
}
