"""What is known of one member: all that its scores may take."""

from dataclasses import dataclass

from jaxtyping import Int, Num

from toolkit.disentanglement.predictor.train_test import Split
from toolkit.disentanglement.protocol import Preset
from toolkit.disentanglement.record import Array, Score, Takes
from toolkit.disentanglement.sampler import Random, Sampler


@dataclass(frozen=True, kw_only=True)
class MemberData:
    """What is known of one member.

    Arguments:
        codes: (n, d), means of the posteriors.
        factors: (n, k), indices of values; None where there are none.
        integer_codes: (n, d), which entry of its code book each channel chose; None for members
            that are not quantised. Scores with a discrete form take them in place of `codes`.
        log_variance: (n, d), natural logarithm; None for deterministic codes.
        nmi: (d, k), of channels with factors, from posteriors.
        information: (d,), bits of each channel, from posteriors.
        sampler: draws images by factors from the whole data; None draws from the rows.
        test: so many last rows are kept to test predictors on; None leaves each score its own
            `split`, 0 tests on the training rows.
    """

    codes: Num[Array, "n d"]
    factors: Num[Array, "n k"] | None = None
    integer_codes: Int[Array, "n d"] | None = None
    log_variance: Num[Array, "n d"] | None = None
    nmi: Num[Array, "d k"] | None = None
    information: Num[Array, " d"] | None = None
    sampler: Sampler | None = None
    test: int | None = None

    @property
    def train(self) -> int:
        """How many rows are not kept for testing."""
        return len(self.codes) - (self.test or 0)

    @property
    def split(self) -> Split | None:
        """How predictors without a `split` of their own part the rows; None is their default."""
        return self.test if self.test is None else self.test or "in_sample"

    def codes_for(self, score: Score) -> Num[Array, "n d"]:
        """Integer codes where the member has them and the score a discrete form.

        >>> import numpy as np
        >>> from toolkit.disentanglement.table import SCORES
        >>> entries = np.array([[0], [1]])
        >>> quantised = MemberData(codes=entries - 0.5, integer_codes=entries)
        >>> quantised.codes_for(SCORES["mig"]).ravel(), quantised.codes_for(SCORES["sap"]).ravel()
        (array([0, 1]), array([-0.5,  0.5]))
        """
        if self.integer_codes is None or Takes.INTEGER_CODES not in score.takes:
            return self.codes
        return self.integer_codes


def draw_member_data(preset: Preset, sampler: Sampler, *, seed: int) -> MemberData:
    """Draw the images of a published protocol, and their codes."""
    images = sampler.draw(preset.train + preset.test, Random(seed))
    return MemberData(
        codes=sampler.codes(images),
        factors=sampler.factors_of(images),
        sampler=sampler,
        test=preset.test,
    )
