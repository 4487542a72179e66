"""What this machine's cores are quick with, and functions compiled for them."""

import ctypes
from functools import cache

from llvmlite import binding

from toolkit.kernels.llvm import COUNT, FLOAT, POINTER, Code
from toolkit.kernels.product import Tile

REGISTERS = {16: 32, 8: 16}  # vector registers, by the float32 numbers that each holds
SPARE = 4  # registers for what is not a sum
MOST_ROWS = 8  # each row has an address, and addresses need registers too
TYPES = {POINTER: ctypes.c_void_p, FLOAT: ctypes.c_float, COUNT: ctypes.c_int64}


class Kernel:
    """A function in the machine's own form; the interpreter is free while it runs.

    Arguments:
        code: the function; it is finished here.
    """

    def __init__(self, code: Code) -> None:
        code.finish()
        module = binding.parse_assembly(str(code.module))
        module.verify()
        self._engine = binding.create_mcjit_compiler(module, _machine())  # owns the machine code
        self._engine.finalize_object()
        kinds = [TYPES[argument.type] for argument in code.arguments]
        address = self._engine.get_function_address(code.function.name)
        self._function = ctypes.CFUNCTYPE(None, *kinds)(address)

    def __call__(self, *arguments: int | float | None) -> None:
        """Run it; addresses are numbers, and None is no address."""
        self._function(*arguments)


def tile_for(width: int) -> Tile | None:
    """How to block a product so many columns wide; None: its columns fill no vectors.

    >>> tile_for(3) is None
    True
    """
    for lanes in (16, 8) if wide() else (8,):
        for vectors in (2, 1):
            if width % (lanes * vectors) == 0:
                rows = min(MOST_ROWS, (REGISTERS[lanes] - SPARE) // vectors)
                return Tile(lanes=lanes, vectors=vectors, rows=rows)
    return None


@cache
def wide() -> bool:
    """Whether vectors hold sixteen numbers rather than eight."""
    return bool(binding.get_host_cpu_features().get("avx512f", False))


def _machine() -> binding.TargetMachine:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
    )
