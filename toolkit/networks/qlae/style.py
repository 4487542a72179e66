"""A decoder whose layers are modulated by the code, after StyleGAN.

Karras et al. (2019), https://arxiv.org/abs/1812.04948, in the form of Hsu et al. (2023),
https://arxiv.org/abs/2305.18378: scale and bias pass a ReLU there and are never negative.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from toolkit.networks.convolutions import Convolution, TransposedConvolution
from toolkit.networks.layers import InstanceNorm, LearnedMap, dense

SLOPE = 0.2
START = 0.1


class StyleBlock(nn.Module):
    """Transposed convolution, leaky ReLU, instance norm; then times a scale, plus a bias.

    Arguments:
        before, after: filters in and out.
        style: numbers that scale and bias are made from.
        window: kernel size, stride and padding.
        one_plus: scale and bias of any sign, times 1 + scale; otherwise both pass a ReLU.
    """

    def __init__(
        self, before: int, after: int, *, style: int, window: Mapping[str, int], one_plus: bool
    ) -> None:
        super().__init__()
        self.convolution = TransposedConvolution(before, after, bias=False, **window)
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
        return normed * (1 + scale if self.one_plus else scale) + bias


class StyleDecoder(nn.Module):
    """From codes (n, inputs) to logits (n, colours, h, w), by way of a learned map.

    Arguments:
        inputs: numbers of a code.
        hidden: widths of the dense layers that make its style.
        start: channels, height, width of the learned map.
        filters: of each block.
        windows: kernel size, stride and padding of each block.
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
        windows: Sequence[Mapping[str, int]],
        colours: int,
        one_plus: bool,
    ) -> None:
        super().__init__()
        self.start = LearnedMap(*start, value=START)
        self.dense = nn.Sequential(*dense(inputs, *hidden))
        pairs = zip(pairwise((start[0], *filters)), windows, strict=True)
        self.blocks = nn.ModuleList(
            StyleBlock(before, after, style=hidden[-1], window=window, one_plus=one_plus)
            for (before, after), window in pairs
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
