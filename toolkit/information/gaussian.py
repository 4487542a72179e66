"""How alike two normal posteriors are: Bhattacharyya distance and coefficient.

Bhattacharyya, "On a measure of divergence between two statistical populations" (1943). The closed
form for normals with diagonal covariance is a sum over dimensions.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

DIFFERENT_LABELS = 1e-10  # coefficient of two unequal labels, so that its logarithm is finite
PATCH = 1 << 18  # coefficients that are worked on at once: many enough that calls cost little
SEVERAL = 8  # images of a patch: what is read of a channel serves all of them from the cache


def bhattacharyya_distance(
    mean: Float[Tensor, "n d"], log_variance: Float[Tensor, "n d"]
) -> Float[Tensor, "n n"]:
    r"""Distance between every two posteriors of one latent space, in nats, 0 or more.

    .. math:: D_{ij} = \sum_d \frac{(m_i - m_j)^2}{4 (v_i + v_j)}
              + \frac12 \log \frac{v_i + v_j}{2 \sqrt{v_i v_j}}

    Computed in the log domain: log-variances from -60 to 40, side by side, are safe. Needs n x n
    numbers at a time, whatever d is.

    Arguments:
        mean: a row per image, one column per dimension.
        log_variance: of the same shape, natural logarithm.

    Two unit normals two apart are half a nat apart:

    >>> bhattacharyya_distance(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1))
    tensor([[0.0000, 0.5000],
            [0.5000, 0.0000]])
    """
    distance = mean.new_zeros(mean.shape[0], mean.shape[0])
    for centre, log_width in zip(mean.unbind(1), log_variance.unbind(1), strict=True):
        one, other = log_width[:, None], log_width[None, :]
        log_total = torch.logaddexp(one, other)
        apart = (centre[:, None] - centre[None, :]).square() * (-log_total).exp() / 4
        distance = distance + apart + (log_total - math.log(2)) / 2 - (one + other) / 4
    return distance


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """Bhattacharyya coefficients of one-dimensional channels, made row by row when asked for.

    Holds what is worth computing once: all arrays have a row per channel, a column per image. The
    coefficient of images a and b is 2^(log_root[a] + log_root[b] - t^2) / sqrt(v_a + v_b) with
    t = (h_a - h_b) / sqrt(v_a + v_b); no n x n array is ever kept. Powers of 2 are made faster than
    powers of e.

    Arguments:
        half_mean: h, half of the mean, each channel centred (float32 then loses less).
        variance: v, the variance times log 2, so that t^2 is in bits.
        log_root: a quarter of log2 of 2 v.
        labels: known factors, compared by equality; they come after the channels.
    """

    half_mean: Float[Tensor, "c n"]
    variance: Float[Tensor, "c n"]
    log_root: Float[Tensor, "c n"]
    labels: Shaped[Tensor, "k n"]

    @property
    def count(self) -> int:
        """Channels and label columns together."""
        return self.half_mean.shape[0] + self.labels.shape[0]

    @property
    def images(self) -> int:
        """Images, the length of a row."""
        return self.half_mean.shape[1]

    def take(self, block: slice) -> "Coefficients":
        """Some channels (and label columns, counted after them), nothing copied."""
        start, stop, _ = block.indices(self.count)
        channels = self.half_mean.shape[0]
        chosen = slice(start, min(stop, channels))
        return Coefficients(
            half_mean=self.half_mean[chosen],
            variance=self.variance[chosen],
            log_root=self.log_root[chosen],
            labels=self.labels[max(start - channels, 0) : max(stop - channels, 0)],
        )

    def select(self, chosen: Shaped[Tensor, " s"]) -> "Coefficients":
        """Some channels and label columns, by their sorted places."""
        if chosen.numel() == self.count:
            return self
        channels = self.half_mean.shape[0]
        low, high = chosen[chosen < channels], chosen[chosen >= channels] - channels
        return Coefficients(
            half_mean=self.half_mean[low],
            variance=self.variance[low],
            log_root=self.log_root[low],
            labels=self.labels[high],
        )

    def rows(
        self,
        images: slice,
        *,
        scale: float = 1.0,
        out: Float[Tensor, "k c n"] | None = None,
    ) -> Float[Tensor, "k c n"]:
        """Coefficients of some images with all images: between 0 and 1, and 1 with themselves.

        Arguments:
            images: which, as a slice with a start and a stop.
            scale: multiplied into all of them, at no cost.
            out: where to write them. A stream that uses one place again and again is twice as
                fast as one that asks for new memory.
        """
        wanted, channels = images.stop - images.start, self.half_mean.shape[0]
        if out is None:
            out = self.half_mean.new_empty(wanted, self.count, self.images)
        several = max(1, min(SEVERAL, wanted, PATCH // self.images))
        many = max(1, min(channels, PATCH // (several * self.images)))
        scratch = self.half_mean.new_empty(several, many, self.images)
        for first in range(0, wanted, several):
            few = slice(images.start + first, min(images.start + first + several, images.stop))
            for low in range(0, channels, many):
                some = slice(low, min(low + many, channels))
                variance, half_mean, log_root = (
                    part[some] for part in (self.variance, self.half_mean, self.log_root)
                )
                # As few passes over memory as possible
                block = out[first : first + several, some]
                root = scratch[: block.shape[0], : block.shape[1]]
                torch.add(variance, variance[:, few].T[:, :, None], out=root).rsqrt_()
                torch.sub(half_mean, half_mean[:, few].T[:, :, None], out=block).mul_(root)
                torch.addcmul(log_root, block, block, value=-1, out=block).exp2_()
                block.mul_(root).mul_(log_root[:, few].T[:, :, None].exp2().mul_(scale))
        if self.labels.shape[0]:
            alike = self.labels[:, images].T[:, :, None] == self.labels
            same, other = out.new_tensor([scale, scale * DIFFERENT_LABELS])
            out[:, channels:] = torch.where(alike, same, other)
        return out


def coefficients(
    mean: Float[Tensor, "n c"],
    log_variance: Float[Tensor, "n c"],
    *,
    labels: Shaped[Tensor, "n k"] | None = None,
    dtype: torch.dtype,
    device: torch.device,
) -> Coefficients:
    """Prepare channels for `Coefficients.rows`.

    Arguments:
        mean: one row per image, one column per channel.
        log_variance: of the same shape, natural logarithm.
        labels: known factors, one column each; only their equality counts.
        dtype: of the arithmetic.
        device: where it is done.

    >>> two = coefficients(torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1),
    ...                    dtype=torch.float64, device=torch.device("cpu"))
    >>> two.rows(slice(0, 2))[:, 0].round(decimals=4)
    tensor([[1.0000, 0.6065],
            [0.6065, 1.0000]], dtype=torch.float64)
    """
    centred = mean.T.double() - mean.T.double().mean(dim=1, keepdim=True)
    log_width = log_variance.T.double()
    log_root = (log_width / math.log(2) + math.log2(2 * math.log(2))) / 4
    if labels is None:
        labels = torch.empty(mean.shape[0], 0, dtype=torch.int64)
    return Coefficients(
        half_mean=(centred / 2).to(dtype).to(device).contiguous(),
        variance=(log_width.exp() * math.log(2)).to(dtype).to(device).contiguous(),
        log_root=log_root.to(dtype).to(device).contiguous(),
        labels=labels.T.to(device).contiguous(),
    )
