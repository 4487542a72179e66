"""Vector registers of this machine's CPU, and functions compiled for it.

LLVM's library takes a tenth of a second to load, which processes that compile nothing need not.
"""

import ctypes
from functools import cache

from toolkit.kernels import object_cache
from toolkit.kernels.llvm import COUNT, FLOAT, POINTER, Code
from toolkit.kernels.product import Tile
from toolkit.late_types import ExecutionEngine

REGISTERS = {16: 32, 8: 16}  # vector registers, by the float32 numbers that each holds
SPARE_REGISTERS = 4  # for what is not a sum
MAX_ROWS = 8  # each row has an address, and addresses need registers too
C_TYPES = {POINTER: ctypes.c_void_p, FLOAT: ctypes.c_float, COUNT: ctypes.c_int64}


class Kernel:
    """A function in machine code; Python's interpreter lock is free while it runs.

    Arguments:
        code: the function; it is finished here.
    """

    def __init__(self, code: Code) -> None:
        code.finish()
        self._engine = _compiled(str(code.module))  # owns the machine code
        types = [C_TYPES[argument.type] for argument in code.arguments]
        address = self._engine.get_function_address(code.function.name)
        self._function = ctypes.CFUNCTYPE(None, *types)(address)

    def __call__(self, *arguments: int | float | None) -> None:
        """Run it; addresses are integers, and None is the null pointer."""
        self._function(*arguments)


def tile_for(width: int) -> Tile | None:
    """How to divide a product with `width` columns; None: the columns fill no vectors.

    >>> tile_for(3) is None
    True
    """
    for lanes in (16, 8) if has_avx512() else (8,):
        for vectors in (2, 1):
            if width % (lanes * vectors) == 0:
                rows = min(MAX_ROWS, (REGISTERS[lanes] - SPARE_REGISTERS) // vectors)
                return Tile(lanes=lanes, vectors=vectors, rows=rows)
    return None


@cache
def has_avx512() -> bool:
    """Whether vector registers hold sixteen float32 numbers rather than eight."""
    from llvmlite import binding

    return bool(binding.get_host_cpu_features().get("avx512f", False))


def target() -> tuple[str, str]:
    """Name and features of this CPU, as LLVM calls them."""
    from llvmlite import binding

    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def _compiled(text: str) -> ExecutionEngine:
    """Machine code of a module's text: from the cache where it is kept, else compiled and kept."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    cpu, features = target()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=cpu, features=features, opt=3
    )
    key = object_cache.key_for(text, cpu, features)
    kept = object_cache.read(key)
    if kept is not None:
        engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        engine.add_object_file(binding.ObjectFileRef.from_data(kept))
        engine.finalize_object()
        return engine
    module = binding.parse_assembly(text)
    module.verify()
    engine = binding.create_mcjit_compiler(module, machine)
    engine.set_object_cache(lambda _, machine_code: object_cache.write(key, machine_code))
    engine.finalize_object()
    return engine
