"""What each term means: the one source of the page's glossary and hints, and of docs/glossary.md.

`python -m docs.tables` writes docs/glossary.md.
"""

from typing import NamedTuple


class Term(NamedTuple):
    """One line of the glossary.

    Arguments:
        name: as pages and tables write it.
        meaning: one sentence.
        unit: of the number; "1" for a number without unit, "" where the term is no number.
        range: of the number; "" where the term is no number.
    """

    name: str
    meaning: str
    unit: str = ""
    range: str = ""


GLOSSARY = (
    Term("member", "One trained model: one setting of data, network and objective, and one seed."),
    Term("ensemble", "Members that share data, network and kind of objective."),
    Term(
        "study",
        "A search over hyper-parameters; each of its trials trains a small ensemble, because one "
        "seed is no evidence.",
    ),
    Term("run", "A member as MLflow and a report list it, from this project or from elsewhere."),
    Term(
        "key",
        "Digest of everything that decides a member (data, network, objective, optimiser, "
        "precision, seed); two runs with one key are the same run.",
    ),
    Term(
        "record",
        "The file that holds what a member, an ensemble, a trial or a comparison resulted in; "
        "MLflow and Optuna are projections of it.",
    ),
    Term(
        "query",
        "MLflow filter string that selects the runs of a comparison, such as "
        "`tags.ensemble = 'sprites'`.",
    ),
    Term(
        "comparison",
        "All channels of the selected runs against each other; its result is the report.",
    ),
    Term(
        "probe set",
        "The fixed images that every member encodes, so that members can be compared.",
        "images",
        "n",
    ),
    Term(
        "posterior",
        "The Gaussian distribution over the latent space to which an encoder maps an image: a mean "
        "and a log-variance per latent dimension.",
    ),
    Term("channel", "One latent dimension of one member."),
    Term("factor", "A known cause of the images, such as position or shape."),
    Term(
        "distortion",
        "What the reconstruction of a held-out image loses: the expected negative log-likelihood, "
        "summed over pixels.",
        "nats per image",
        "any",
    ),
    Term(
        "rate",
        "Kullback–Leibler divergence of the posterior from the prior, summed over latent "
        "dimensions, mean over held-out images.",
        "nats per image",
        "0 or more",
    ),
    Term(
        "capacity",
        "The rate that an objective with a target, such as the annealed VAE, steers towards.",
        "nats per image",
        "0 or more",
    ),
    Term(
        "information",
        "Lower bound of the mutual information between a channel and the probe images; compare "
        "values only at equal n.",
        "bits",
        "0 to log2 n",
    ),
    Term(
        "upper bound",
        "At most so much information does a channel carry about which of the n probe images was "
        "shown.",
        "bits",
        "0 to log2 n",
    ),
    Term(
        "saturated",
        "Within 3 bits of log2 n: the number of images limits the information, which is then only "
        "a lower bound, marked ≥.",
    ),
    Term(
        "active",
        "A channel with more information than the threshold, 0.01 bits unless set otherwise; the "
        "other channels are left out of the structure.",
    ),
    Term(
        "NMI",
        "Normalised mutual information of two channels: shared information relative to what each "
        "shares with itself; not clipped.",
        "1",
        "about 0 to 1",
    ),
    Term(
        "VI",
        "Variation of information of two channels: information in one and not in the other; not a "
        "metric.",
        "bits",
        "0 or more",
    ),
    Term(
        "structure",
        "The order of all active channels in which similar ones are neighbours, and the groups "
        "among them.",
    ),
    Term(
        "hot spot",
        "A group of channels from two runs or more that carry the same information: each agrees "
        "with the central channel, with an NMI of at least 0.45 above chance.",
    ),
    Term("central channel", "The channel of a hot spot with the largest mean NMI to the others."),
    Term(
        "agreement",
        "How well a run's channels are found again in the other runs: best NMI, averaged over the "
        "other runs, then over channels weighted by their bits.",
        "1",
        "about 0 to 1",
    ),
    Term(
        "matched share",
        "The share of a run's bits that another run has in channels matched one to one.",
        "1",
        "about 0 to 1",
    ),
    Term(
        "random axes",
        "The same runs, each with the axes of its active channels turned at random: the agreement "
        "by chance of runs that share a space but no axis. It is the larger the fewer channels "
        "are active.",
    ),
    Term(
        "corrected agreement",
        "Agreement as a share of what is left above that of random axes: 0 by chance, 1 if all "
        "axes are found again, below 0 if less is shared than by chance. Runs with fewer than two "
        "active channels have no axis to agree on and are left out.",
        "1",
        "at most about 1",
    ),
    Term(
        "confirmed bits",
        "What the other runs have of a run's bits in channels matched one to one, beyond what they "
        "would share from random axes; negative where random axes would share more.",
        "bits",
        "at most those of the run",
    ),
    Term(
        "difference of settings",
        "The mean of one setting minus that of another (Welch's test); shown where p, corrected "
        "for all pairs of settings, is below 0.05. Where none is shown, settings need not be "
        "equal.",
        "bits, or 1 for agreement",
        "any",
    ),
    Term(
        "UDR",
        "Unsupervised disentanglement ranking: how nearly each channel of a run matches exactly "
        "one channel of every other run; needs no labels.",
        "1",
        "about 0 to 1",
    ),
    Term(
        "score",
        "A published measure of disentanglement, computed from known factors; docs/scores.md lists "
        "them with unit and range.",
    ),
    Term(
        "trajectory",
        "Information and agreement of members at several training steps.",
    ),
    Term("traversal", "Images decoded while one channel moves from low to high, all others fixed."),
    Term(
        "interval",
        "95 % confidence interval: over groups of probe images for information and NMI, over runs "
        "for agreement and mean scores.",
    ),
)


def slug(name: str) -> str:
    """A term as the end of an address within the page.

    >>> slug("hot spot"), slug("UDR")
    ('hot-spot', 'udr')
    """
    return name.lower().replace(" ", "-")
