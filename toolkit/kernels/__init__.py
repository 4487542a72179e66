"""Kernels: convolutions compiled for the machine's own processor, for training many small members.

On floor 1: knows tensors, and nothing of networks, members or files.

    layers        as PyTorch's networks call them, with their gradients
    plain         the same by PyTorch's operations
    maps          from tensors to addresses
    convolution   the two kernels of a layer: there and back
    writer        what they do with the maps of one image
    paired        the same where neighbouring pixels share products
    pairs         how they do: three products instead of four
    scratch       what a kernel keeps of one image
    product       the loop that all the time is spent in
    geometry      where the pixels of a convolution find each other
    code          the words that kernels are written in
    machine       what this processor is quick with; compilation
"""

from toolkit.kernels.autograd import convolve, convolve_transposed
from toolkit.kernels.calls import laid_out
from toolkit.kernels.pytorch import plain_convolution

__all__ = ["convolve", "convolve_transposed", "laid_out", "plain_convolution"]
