"""Convolutions compiled for the CPU they run on, for training many small members.

`docs/kernels.md` explains them from the start. On floor 1: knows tensors, and nothing of networks
or members. From PyTorch down to machine code:

    autograd         convolutions as PyTorch's networks call them, with their gradients
    pytorch          the same by PyTorch's own operations
    calls            a kernel called with tensors
    convolution      the two kernels of a layer: forward and backward
    writer           what a kernel does with one image
    winograd_writer  the same where neighbouring pixels share products
    winograd         the arithmetic of sharing: three products instead of four
    buffers          scratch memory of a kernel
    product          the matrix product that nearly all time is spent in
    loops            loops that copy and add
    geometry         shapes and offsets of a (transposed) convolution
    llvm             addresses, vectors and loops in LLVM's language
    machine          vector registers of this CPU; compilation
    object_cache     machine code kept on disk
"""

from toolkit.kernels.autograd import convolve, convolve_transposed
from toolkit.kernels.calls import to_kernel_layout
from toolkit.kernels.pytorch import plain_convolution

__all__ = ["convolve", "convolve_transposed", "plain_convolution", "to_kernel_layout"]
