"""A decoder whose layers are modulated by the code, after StyleGAN.

Karras et al. (2019), https://arxiv.org/abs/1812.04948, in the form of Hsu et al. (2023),
https://arxiv.org/abs/2305.18378: scale and bias pass a ReLU there and are never negative.
"""

from collections.abc import Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from toolkit.networks.convolutions import Convolution, TransposedConvolution
from toolkit.networks.layers import InstanceNorm, LearnedMap, dense

SLOPE = 0.2
START = 0.1


def stride_of(kernel: int) -> int:
    """With padding 1, k3 keeps height and width, k4 halves or doubles them."""
    return 2 if kernel == 4 else 1


class StyleBlock(nn.Module):
    """Transposed convolution, leaky ReLU, instance norm; then times a scale, plus a bias.

    Arguments:
        before, after: filters in and out.
        style: numbers that scale and bias are made from.
        kernel: 3 keeps height and width, 4 doubles them.
        one_plus: scale and bias of any sign, times 1 + scale; otherwise both pass a ReLU.
    """

    def __init__(self, before: int, after: int, *, style: int, kernel: int, one_plus: bool) -> None:
        super().__init__()
        self.convolution = TransposedConvolution(
            before, after, kernel, stride_of(kernel), padding=1, bias=False
        )
        self.activation = nn.LeakyReLU(SLOPE)
        self.norm = InstanceNorm(after, affine=False)
        self.modulation = nn.Linear(style, 2 * after)
        self.one_plus = one_plus

    def forward(
        self, maps: Float[Tensor, "n c h w"], style: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n c2 h2 w2"]:
        """Maps of the next layer."""
        modulation = self.modulation(style)
        if not self.one_plus:
            modulation = modulation.relu()
        scale, bias = modulation[:, :, None, None].chunk(2, dim=1)
        normed = self.norm(self.activation(self.convolution(maps)))
        modulated: Tensor = normed * (1 + scale if self.one_plus else scale) + bias
        return modulated


class StyleDecoder(nn.Module):
    """From codes (n, inputs) to logits (n, colours, h, w), by way of a learned map.

    Arguments:
        inputs: numbers of a code.
        hidden: widths of the dense layers that make its style.
        start: channels, height, width of the learned map.
        filters: of each block.
        kernels: of each block.
        colours: of the images.
        one_plus: see `StyleBlock`.
    """

    def __init__(
        self,
        *,
        inputs: int,
        hidden: Sequence[int],
        start: tuple[int, int, int],
        filters: Sequence[int],
        kernels: Sequence[int],
        colours: int,
        one_plus: bool,
    ) -> None:
        super().__init__()
        self.start = LearnedMap(*start, value=START)
        self.dense = nn.Sequential(*dense(inputs, *hidden))
        pairs = zip(pairwise((start[0], *filters)), kernels, strict=True)
        self.blocks = nn.ModuleList(
            StyleBlock(before, after, style=hidden[-1], kernel=kernel, one_plus=one_plus)
            for (before, after), kernel in pairs
        )
        self.last = Convolution(filters[-1], colours, 3, padding=1, bias=False)

    def forward(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n c h w"]:
        """Logits of the pixels."""
        style = self.dense(codes)
        maps = self.start(len(codes))
        for block in self.blocks:
            maps = block(maps, style)
        logits: Tensor = self.last(maps)
        return logits
