"""The words that kernels are written in: addresses, vectors and counted loops of float32 numbers.

A thin layer over LLVM's language, https://llvm.org/docs/LangRef.html. Loops carry values the way a
fold does, so that sums stay in registers.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from llvmlite import ir

Value: TypeAlias = ir.Value
Term = int | Value | tuple[Value, int]  # a number, a value, or a value so many times
Body = Callable[[Value, list[Value]], Sequence[Value]]

FLOAT = ir.FloatType()
COUNT = ir.IntType(64)
OFFSET = ir.IntType(32)
POINTER = ir.PointerType()
NOUGHT = COUNT(0)
FIRST = OFFSET(0)


class Code:
    """One function that is being written.

    Arguments:
        arguments: their types: `POINTER`, `FLOAT` or `COUNT`.
    """

    def __init__(self, arguments: Sequence[ir.Type]) -> None:
        self.module = ir.Module("kernel")
        self.function = ir.Function(
            self.module, ir.FunctionType(ir.VoidType(), arguments), "kernel"
        )
        self.arguments = list(self.function.args)
        self._builder = ir.IRBuilder(self.function.append_basic_block())

    def finish(self) -> None:
        """The last word."""
        self._builder.ret_void()

    def loop(self, count: int | Value, body: Body, carried: Sequence[Value] = ()) -> list[Value]:
        """Run `body(position, carried)` `count` times, at least once; what the last run returns."""
        if count == 1:
            return list(body(NOUGHT, list(carried)))
        builder, limit = self._builder, _count(count) if isinstance(count, int) else count
        before = builder.block
        head = self.function.append_basic_block()
        builder.branch(head)
        builder.position_at_end(head)
        position = builder.phi(COUNT)
        position.add_incoming(NOUGHT, before)
        inside = [builder.phi(value.type) for value in carried]
        for phi, value in zip(inside, carried, strict=True):
            phi.add_incoming(value, before)
        after = list(body(position, list(inside)))
        following = builder.add(position, _count(1))
        for phi, value in zip([position, *inside], [following, *after], strict=True):
            phi.add_incoming(value, builder.block)
        done = self.function.append_basic_block()
        builder.cbranch(builder.icmp_signed("<", following, limit), head, done)
        builder.position_at_end(done)
        return after

    def total(self, *terms: Term) -> Value:
        """The sum of some counts."""
        known, made = 0, None
        for term in terms:
            value, times = term if isinstance(term, tuple) else (term, 1)
            if isinstance(value, int | ir.Constant):
                known += times * (value if isinstance(value, int) else value.constant)
                continue
            part = value if times == 1 else self._builder.mul(value, _count(times))
            made = part if made is None else self._builder.add(made, part)
        if made is None:
            return _count(known)
        return self._builder.add(made, _count(known)) if known else made

    def at(self, pointer: Value, *terms: Term) -> Value:
        """Where the number lies that is so many further on."""
        return self._builder.gep(pointer, [self.total(*terms)], source_etype=FLOAT)

    def table(self, offsets: Sequence[int]) -> Value:
        """Offsets that are known beforehand."""
        return self._constant(ir.ArrayType(OFFSET, len(offsets)), list(offsets))

    def zeros(self, count: int) -> Value:
        """Where so many zeros lie."""
        return self._constant(ir.ArrayType(FLOAT, count), None)

    def look(self, table: Value, *terms: Term) -> Value:
        """An offset of a table."""
        place = self._builder.gep(table, [self.total(*terms)], source_etype=OFFSET)
        return self._builder.sext(self._builder.load(place, typ=OFFSET), COUNT)

    def load(self, pointer: Value, *, lanes: int = 1) -> Value:
        """A number, or as many as a vector has lanes."""
        return self._builder.load(pointer, align=4, typ=_kind(lanes))

    def store(self, value: Value, pointer: Value) -> None:
        """Put a number or a vector where it belongs."""
        self._builder.store(value, pointer, align=4)

    def repeat(self, number: Value, *, lanes: int) -> Value:
        """One number in every lane."""
        if lanes == 1:
            return number
        first = self._builder.insert_element(_unset(lanes), number, FIRST)
        return self._builder.shuffle_vector(first, _unset(lanes), _all_first(lanes))

    def add(self, one: Value, other: Value) -> Value:
        """Sums, lane by lane."""
        return self._builder.fadd(one, other)

    def less(self, one: Value, other: Value) -> Value:
        """Differences, lane by lane."""
        return self._builder.fsub(one, other)

    def negative(self, value: Value) -> Value:
        """With the other sign."""
        return self._builder.fneg(value)

    def add_product(self, made: Value, one: Value, other: Value) -> Value:
        """made + one · other, rounded once where the machine can."""
        name = f"llvm.fmuladd.v{made.type.count}f32"
        intrinsic = self.module.globals.get(name) or ir.Function(
            self.module, ir.FunctionType(made.type, [made.type] * 3), name
        )
        return self._builder.call(intrinsic, [one, other, made])

    def at_least(self, value: Value, floor: Value) -> Value:
        """The larger of both, lane by lane; what is no number stays none."""
        return self._builder.select(self._builder.fcmp_ordered("<", value, floor), floor, value)

    def masked(self, value: Value, by: Value) -> Value:
        """The gradient of a ReLU: a value, or 0 where what the ReLU gave is not above 0."""
        zero = ir.Constant(value.type, 0.0 if value.type == FLOAT else None)
        return self._builder.select(self._builder.fcmp_ordered("<=", by, zero), zero, value)

    def either(self, position: Value, which: int, here: Value, elsewhere: Value) -> Value:
        """One value at one position of a loop, another one at all others."""
        there = self._builder.icmp_signed("==", position, _count(which))
        return self._builder.select(there, here, elsewhere)

    def _constant(self, kind: ir.Type, numbers: list[int] | None) -> Value:
        made = ir.GlobalVariable(self.module, kind, f"table{len(self.module.globals)}")
        made.global_constant, made.linkage = True, "internal"
        made.initializer = kind(numbers)
        return made


# llvmlite writes every object's text once; one object a word keeps a kernel's text cheap.


@cache
def _kind(lanes: int) -> ir.Type:
    return FLOAT if lanes == 1 else ir.VectorType(FLOAT, lanes)


@cache
def _count(number: int) -> Value:
    return COUNT(number)


@cache
def _unset(lanes: int) -> Value:
    return ir.Constant(_kind(lanes), ir.Undefined)


@cache
def _all_first(lanes: int) -> Value:
    return ir.VectorType(OFFSET, lanes)([0] * lanes)
