"""A small language for kernels: addresses, vectors and counted loops of float32 numbers.

A thin layer over LLVM's intermediate representation, https://llvm.org/docs/LangRef.html. A loop
takes values in and gives values out, as a fold does, so that sums stay in registers.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from llvmlite import ir

Value: TypeAlias = ir.Value
Term = int | Value | tuple[Value, int]  # a number, a value, or a value times a number
Body = Callable[[Value, list[Value]], Sequence[Value]]

FLOAT = ir.FloatType()
COUNT = ir.IntType(64)
OFFSET = ir.IntType(32)
POINTER = ir.PointerType()
ZERO = COUNT(0)
FIRST_LANE = OFFSET(0)


class Code:
    """One function while it is written.

    Arguments:
        arguments: types of its arguments: `POINTER`, `FLOAT` or `COUNT`.
    """

    def __init__(self, arguments: Sequence[ir.Type]) -> None:
        self.module = ir.Module("kernel")
        self.function = ir.Function(
            self.module, ir.FunctionType(ir.VoidType(), arguments), "kernel"
        )
        self.arguments = list(self.function.args)
        self._builder = ir.IRBuilder(self.function.append_basic_block())

    def finish(self) -> None:
        """Emit `ret void`."""
        self._builder.ret_void()

    def loop(self, count: int | Value, body: Body, carried: Sequence[Value] = ()) -> list[Value]:
        """Run `body(index, carried)` `count` times, at least once.

        Arguments:
            count: of iterations.
            body: returns the values that are carried to the next iteration.
            carried: the values of the first iteration.

        Returns:
            What the last iteration returned.
        """
        if count == 1:
            return list(body(ZERO, list(carried)))
        builder, limit = self._builder, _count(count) if isinstance(count, int) else count
        before = builder.block
        # Loop head: index and carried values come from before the loop or from its end
        head = self.function.append_basic_block()
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(COUNT)
        index.add_incoming(ZERO, before)
        inside = [builder.phi(value.type) for value in carried]
        for phi, value in zip(inside, carried, strict=True):
            phi.add_incoming(value, before)
        after = list(body(index, list(inside)))
        # Next iteration, or leave
        following = builder.add(index, _count(1))
        for phi, value in zip([index, *inside], [following, *after], strict=True):
            phi.add_incoming(value, builder.block)
        done = self.function.append_basic_block()
        builder.cbranch(builder.icmp_signed("<", following, limit), head, done)
        builder.position_at_end(done)
        return after

    def total(self, *terms: Term) -> Value:
        """Sum of counts; what is known now is added now."""
        known, unknown = 0, None
        for term in terms:
            value, factor = term if isinstance(term, tuple) else (term, 1)
            if isinstance(value, int | ir.Constant):
                known += factor * (value if isinstance(value, int) else value.constant)
                continue
            scaled = value if factor == 1 else self._builder.mul(value, _count(factor))
            unknown = scaled if unknown is None else self._builder.add(unknown, scaled)
        if unknown is None:
            return _count(known)
        return self._builder.add(unknown, _count(known)) if known else unknown

    def address(self, pointer: Value, *terms: Term) -> Value:
        """Address of the number that lies so many numbers after `pointer`."""
        return self._builder.gep(pointer, [self.total(*terms)], source_etype=FLOAT)

    def offset_table(self, offsets: Sequence[int]) -> Value:
        """Address of a constant table of offsets."""
        return self._constant(ir.ArrayType(OFFSET, len(offsets)), list(offsets))

    def zeros(self, count: int) -> Value:
        """Address of constant zeros."""
        return self._constant(ir.ArrayType(FLOAT, count), None)

    def load_offset(self, table: Value, *terms: Term) -> Value:
        """An entry of an offset table."""
        entry = self._builder.gep(table, [self.total(*terms)], source_etype=OFFSET)
        return self._builder.sext(self._builder.load(entry, typ=OFFSET), COUNT)

    def load(self, pointer: Value, *, lanes: int = 1) -> Value:
        """A number, or a vector of so many lanes."""
        return self._builder.load(pointer, align=4, typ=_type(lanes))

    def store(self, value: Value, pointer: Value) -> None:
        """Write a number or a vector to memory."""
        self._builder.store(value, pointer, align=4)

    def broadcast(self, number: Value, *, lanes: int) -> Value:
        """A vector with one number in every lane."""
        if lanes == 1:
            return number
        first = self._builder.insert_element(_undefined(lanes), number, FIRST_LANE)
        return self._builder.shuffle_vector(first, _undefined(lanes), _all_first(lanes))

    def add(self, left: Value, right: Value) -> Value:
        """left + right, lane by lane."""
        return self._builder.fadd(left, right)

    def subtract(self, left: Value, right: Value) -> Value:
        """left - right, lane by lane."""
        return self._builder.fsub(left, right)

    def negate(self, value: Value) -> Value:
        """-value, lane by lane."""
        return self._builder.fneg(value)

    def multiply_add(self, total: Value, left: Value, right: Value) -> Value:
        """total + left * right, lane by lane, rounded once where the CPU can."""
        name = f"llvm.fmuladd.v{total.type.count}f32"
        intrinsic = self.module.globals.get(name) or ir.Function(
            self.module, ir.FunctionType(total.type, [total.type] * 3), name
        )
        return self._builder.call(intrinsic, [left, right, total])

    def maximum(self, value: Value, minimum: Value) -> Value:
        """The larger of both, lane by lane; NaN stays NaN."""
        return self._builder.select(self._builder.fcmp_ordered("<", value, minimum), minimum, value)

    def relu_backward(self, gradient: Value, relu_output: Value) -> Value:
        """The gradient where the output of the ReLU is above 0, else 0."""
        zero = ir.Constant(gradient.type, 0.0 if gradient.type == FLOAT else None)
        off = self._builder.fcmp_ordered("<=", relu_output, zero)
        return self._builder.select(off, zero, gradient)

    def select(self, index: Value, number: int, equal: Value, other: Value) -> Value:
        """`equal` where a loop's index is `number`, else `other`."""
        condition = self._builder.icmp_signed("==", index, _count(number))
        return self._builder.select(condition, equal, other)

    def _constant(self, kind: ir.Type, numbers: list[int] | None) -> Value:
        table = ir.GlobalVariable(self.module, kind, f"table{len(self.module.globals)}")
        table.global_constant, table.linkage = True, "internal"
        table.initializer = kind(numbers)
        return table


# llvmlite formats every object once; sharing the objects of a type or number keeps writing fast.


@cache
def _type(lanes: int) -> ir.Type:
    return FLOAT if lanes == 1 else ir.VectorType(FLOAT, lanes)


@cache
def _count(number: int) -> Value:
    return COUNT(number)


@cache
def _undefined(lanes: int) -> Value:
    return ir.Constant(_type(lanes), ir.Undefined)


@cache
def _all_first(lanes: int) -> Value:
    return ir.VectorType(OFFSET, lanes)([0] * lanes)
