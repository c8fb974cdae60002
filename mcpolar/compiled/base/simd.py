"""Vectors of 32 lanes as numbers: the operations that the loops are written in, for one replica or for 32 at once.

A function written with these operations and operators compiles for doubles and for :data:`DOUBLES`, 32 of them, alike;
a vector and a number may be mixed. So the scalar loop and the loops in lanes share one text, and their paths agree bit
for bit. LLVM holds 32 doubles in four registers of AVX-512 or eight of AVX2 or NEON: independent chains, which hide the
latency of each other; nothing depends on whether it vectorises. Only IEEE operations, without fastmath.

`WORDS` are 32 unsigned 64-bit words, `TRUTHS` 32 truth values. Words are read as signed only where a name says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from llvmlite.binding import get_host_cpu_name
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

LANES = 32
# AMD's gathers are slower than as many loads; the results are the same
GATHERS_ARE_FAST = not get_host_cpu_name().startswith("znver")

_F64, _I64, _I32, _I1 = ir.DoubleType(), ir.IntType(64), ir.IntType(32), ir.IntType(1)
_POINTER = ir.IntType(8).as_pointer()


class Vector(types.Type):  # type: ignore[misc]  # numba has no types
    """The numba type of 32 lanes of one element type."""

    def __init__(self, element: Any, form: Any) -> None:
        self.element, self.form = element, form
        super().__init__(name=f"Vector({element}, {LANES})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, frontend: Any) -> None:
        super().__init__(manager, frontend, frontend.form)


DOUBLES = Vector(types.float64, ir.VectorType(_F64, LANES))
WORDS = Vector(types.uint64, ir.VectorType(_I64, LANES))
TRUTHS = Vector(types.boolean, ir.VectorType(_I1, LANES))
_OF = {types.float64: DOUBLES, types.uint64: WORDS, types.boolean: TRUTHS}

Generate = Callable[..., Any]


def _kind(argument: Any) -> Any:
    """Return the element type that an argument stands for: numbers are doubles, whole ones words."""
    if isinstance(argument, Vector):
        return argument.element
    if isinstance(argument, types.Boolean):
        return types.boolean
    return types.float64 if isinstance(argument, types.Float) else types.uint64


def _splat(builder: Any, value: Any, form: Any) -> Any:
    undefined = ir.Constant(form, ir.Undefined)
    first = builder.insert_element(undefined, value, _I32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES))


def _spread(context: Any, builder: Any, have: Any, want: Any, value: Any) -> Any:
    """Cast an argument to the wanted element type, and to all lanes if a vector is wanted."""
    if isinstance(have, Vector):
        return value
    element = want.element if isinstance(want, Vector) else want
    number = context.cast(builder, value, have, element)
    return _splat(builder, number, want.form) if isinstance(want, Vector) else number


def _call(builder: Any, name: str, *arguments: Any, result: Any = None) -> Any:
    """Call an LLVM intrinsic on the arguments' type; {} in its name becomes the name of that type."""
    form = arguments[0].type
    short = f"v{LANES}f64" if form == DOUBLES.form else f"v{LANES}i64" if form == WORDS.form else str(form)
    full = name.format({"double": "f64"}.get(short, short))
    kind = ir.FunctionType(result or form, [argument.type for argument in arguments])
    function = builder.module.globals.get(full) or ir.Function(builder.module, kind, full)
    return builder.call(function, arguments)


def _widen(builder: Any) -> None:
    """Let LLVM use 512 bits in this function: it prefers 256 on Intel processors, for fear of a lower clock."""
    set.add(builder.function.attributes, '"prefer-vector-width"="512"')


def _typed(kinds: tuple[Any, ...], result: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the signature of an operation on these arguments: on vectors if one of them is one."""
    is_vector = any(isinstance(argument, Vector) for argument in arguments)
    wanted = tuple(_OF[kind] if is_vector else kind for kind in kinds)
    return (_OF[result] if is_vector else result), wanted


def _operation(kinds: tuple[Any, ...], result: Any, generate: Generate) -> Any:
    """Return an operation for numbers and vectors of these element types."""

    def make(*arguments: Any) -> Any:
        returned, wanted = _typed(kinds, result, arguments)

        def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            if isinstance(returned, Vector):
                _widen(builder)
            spread = (_spread(context, builder, *each) for each in zip(sig.args, wanted, values, strict=True))
            return generate(builder, *spread)

        return returned(*arguments), lower

    names = ("a", "b", "c")[: len(kinds)]
    makers = {
        1: lambda context, a: make(a),
        2: lambda context, a, b: make(a, b),
        3: lambda context, a, b, c: make(a, b, c),
    }
    return intrinsic(makers[len(names)])


_D, _U, _T = types.float64, types.uint64, types.boolean

fma = _operation((_D, _D, _D), _D, lambda b, x, y, z: _call(b, "llvm.fma.{}", x, y, z))
"""a b + c, rounded once."""
size = _operation((_D,), _D, lambda b, x: _call(b, "llvm.fabs.{}", x))
"""|x|."""
square_root = _operation((_D,), _D, lambda b, x: _call(b, "llvm.sqrt.{}", x))
floor = _operation((_D,), _D, lambda b, x: _call(b, "llvm.floor.{}", x))
larger = _operation((_D, _D), _D, lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y))
"""The larger of two; the second if one is NaN."""
smaller = _operation((_D, _D), _D, lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y))
bits_of = _operation(
    (_D,), _U, lambda b, x: b.bitcast(x, WORDS.form if isinstance(x.type, ir.VectorType) else _I64)
)
"""The bits of a double."""
double_of = _operation(
    (_U,), _D, lambda b, x: b.bitcast(x, DOUBLES.form if isinstance(x.type, ir.VectorType) else _F64)
)
"""The double that has these bits."""
select = _operation((_T, _D, _D), _D, lambda b, c, x, y: b.select(c, x, y))
"""b where a holds, else c."""
select_word = _operation((_T, _U, _U), _U, lambda b, c, x, y: b.select(c, x, y))
both = _operation((_T, _T), _T, lambda b, x, y: b.and_(x, y))
either = _operation((_T, _T), _T, lambda b, x, y: b.or_(x, y))
is_same = _operation((_U, _U), _T, lambda b, x, y: b.icmp_unsigned("==", x, y))
is_below = _operation((_U, _U), _T, lambda b, x, y: b.icmp_unsigned("<", x, y))
is_equal = _operation((_D, _D), _T, lambda b, x, y: b.fcmp_ordered("==", x, y))
is_negative = _operation((_U,), _T, lambda b, x: b.icmp_signed("<", x, ir.Constant(x.type, None)))
"""Whether the word is negative as a signed one."""
signed_shift = _operation((_U, _U), _U, lambda b, x, y: b.ashr(x, y))
"""The word shifted down as a signed one."""


def _high_halves(builder: Any, x: Any) -> Any:
    """Return the high 32 bits of each word, in both halves: a shuffle, since shifts wait for multiplications."""
    if not isinstance(x.type, ir.VectorType):
        return builder.lshr(x, _I64(32))
    form = ir.VectorType(_I32, 2 * LANES)
    mask = ir.Constant(form, [lane | 1 for lane in range(2 * LANES)])
    halves = builder.bitcast(x, form)
    return builder.bitcast(builder.shuffle_vector(halves, ir.Constant(form, ir.Undefined), mask), x.type)


def _low_halves(builder: Any, x: Any) -> Any:
    is_vector = isinstance(x.type, ir.VectorType)
    return builder.and_(x, ir.Constant(x.type, [2**32 - 1] * LANES if is_vector else 2**32 - 1))


high_half = _operation((_U,), _U, _high_halves)
"""The high 32 bits of a word; of vectors, what stands above them is of no use."""
low_product = _operation((_U, _U), _U, lambda b, x, y: b.mul(_low_halves(b, x), _low_halves(b, y)))
"""The product of the low 32 bits of both."""


@intrinsic
def spread(context: Any, number: Any) -> Any:
    """Return 32 times the number."""
    kind = _OF[_kind(number)]

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        _widen(builder)
        return _spread(context, builder, sig.args[0], kind, values[0])

    return kind(number), lower


@intrinsic
def lanes(context: Any) -> Any:
    """Return the numbers of the lanes, 0 to 31."""
    return WORDS(), lambda context, builder, sig, values: ir.Constant(WORDS.form, list(range(LANES)))


@intrinsic
def is_any(context: Any, truths: Any) -> Any:
    """Return whether some lane holds."""
    whole = ir.IntType(LANES)
    return types.boolean(TRUTHS), lambda context, builder, sig, values: builder.icmp_unsigned(
        "!=", builder.bitcast(values[0], whole), whole(0)
    )


@intrinsic
def first_of(context: Any, truths: Any) -> Any:
    """Return the first lane that holds, LANES if none."""
    whole = ir.IntType(LANES)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.zext(builder.cttz(builder.bitcast(values[0], whole), _I1(0)), _I64)

    return types.int64(TRUTHS), lower


def _operator(symbol: Any, cases: dict[Any, tuple[Any, Generate]], *, arity: int = 2) -> None:
    """Register an operator for vectors, mixed with numbers or not: element type -> (element of result, code)."""

    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, arguments: Any, keywords: Any) -> Any:
            first = next((a for a in arguments if isinstance(a, Vector)), None)
            if first is None or len(arguments) != arity or first.element not in cases:
                return None
            if any(not isinstance(a, Vector) and _kind(a) != first.element for a in arguments):
                return None
            return signature(_OF[cases[first.element][0]], *arguments)

    infer_global(symbol)(Template)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        _widen(builder)
        form = next(a for a in sig.args if isinstance(a, Vector))
        operands = (
            _spread(context, builder, have, form, value) for have, value in zip(sig.args, values, strict=True)
        )
        return cases[form.element][1](builder, *operands)

    if arity == 1:
        lower_builtin(symbol, Vector)(lower)
        return
    for pattern in ((Vector, Vector), (Vector, types.Any), (types.Any, Vector)):
        lower_builtin(symbol, *pattern)(lower)


_operator(operator.add, {_D: (_D, lambda b, x, y: b.fadd(x, y)), _U: (_U, lambda b, x, y: b.add(x, y))})
_operator(operator.sub, {_D: (_D, lambda b, x, y: b.fsub(x, y)), _U: (_U, lambda b, x, y: b.sub(x, y))})
_operator(operator.mul, {_D: (_D, lambda b, x, y: b.fmul(x, y)), _U: (_U, lambda b, x, y: b.mul(x, y))})
_operator(operator.truediv, {_D: (_D, lambda b, x, y: b.fdiv(x, y))})
_operator(operator.neg, {_D: (_D, lambda b, x: b.fneg(x))}, arity=1)
_operator(operator.lt, {_D: (_T, lambda b, x, y: b.fcmp_ordered("<", x, y))})
_operator(operator.gt, {_D: (_T, lambda b, x, y: b.fcmp_ordered(">", x, y))})
_operator(operator.and_, {_U: (_U, lambda b, x, y: b.and_(x, y)), _T: (_T, lambda b, x, y: b.and_(x, y))})
_operator(operator.or_, {_U: (_U, lambda b, x, y: b.or_(x, y)), _T: (_T, lambda b, x, y: b.or_(x, y))})
_operator(operator.xor, {_U: (_U, lambda b, x, y: b.xor(x, y))})
_operator(operator.lshift, {_U: (_U, lambda b, x, y: b.shl(x, y))})
_operator(operator.rshift, {_U: (_U, lambda b, x, y: b.lshr(x, y))})


# memory: arrays are flat, of 64-bit elements; places are words


def _place(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [place])


def _vector_of(array: Any) -> Any:
    return DOUBLES if array.dtype == types.float64 else WORDS


def _addresses(context: Any, builder: Any, kind: Any, array: Any, places: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    base = _splat(builder, builder.ptrtoint(data, _I64), WORDS.form)
    bytes_each = builder.shl(places, ir.Constant(WORDS.form, [3] * LANES))
    return builder.inttoptr(builder.add(base, bytes_each), ir.VectorType(_POINTER, LANES))


@intrinsic
def load(context: Any, array: Any, place: Any) -> Any:
    """Return 32 elements from a place on."""
    kind = _vector_of(array)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        pointer = _place(context, builder, sig.args[0], values[0], values[1])
        return builder.load(builder.bitcast(pointer, kind.form.as_pointer()), align=8)

    return kind(array, types.uint64), lower


@intrinsic
def store(context: Any, array: Any, place: Any, vector: Any) -> Any:
    """Write 32 elements from a place on."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        pointer = _place(context, builder, sig.args[0], values[0], values[1])
        builder.store(values[2], builder.bitcast(pointer, sig.args[2].form.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(array, types.uint64, vector), lower


@intrinsic
def gather(context: Any, array: Any, places: Any) -> Any:
    """Return the elements at 32 places, by the processor's gathers: fastest where nothing was written just before."""
    kind = _vector_of(array)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        if not GATHERS_ARE_FAST:
            data = context.make_array(sig.args[0])(context, builder, values[0]).data
            found = ir.Constant(kind.form, ir.Undefined)
            for lane in range(LANES):
                at = builder.extract_element(values[1], _I32(lane))
                found = builder.insert_element(found, builder.load(builder.gep(data, [at])), _I32(lane))
            return found
        pointers = _addresses(context, builder, sig.args[0], *values)
        mask, undefined = ir.Constant(TRUTHS.form, [True] * LANES), ir.Constant(kind.form, ir.Undefined)
        name = f"llvm.masked.gather.v{LANES}{'f64' if kind is DOUBLES else 'i64'}.v{LANES}p0"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(kind.form, [pointers.type, mask.type, kind.form]), name
        )
        return builder.call(function, [pointers, mask, undefined])

    return kind(array, WORDS), lower


@intrinsic
def gather_bytes(context: Any, array: Any, places: Any) -> Any:
    """Return the bytes at 32 places as words; seven bytes after each must be there to be read."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        if not GATHERS_ARE_FAST:
            found = ir.Constant(WORDS.form, ir.Undefined)
            for lane in range(LANES):
                byte = builder.load(builder.gep(data, [builder.extract_element(values[1], _I32(lane))]))
                found = builder.insert_element(found, builder.zext(byte, _I64), _I32(lane))
            return found
        base = _splat(builder, builder.ptrtoint(data, _I64), WORDS.form)
        pointers = builder.inttoptr(builder.add(base, values[1]), ir.VectorType(_POINTER, LANES))
        mask, undefined = ir.Constant(TRUTHS.form, [True] * LANES), ir.Constant(WORDS.form, ir.Undefined)
        name = f"llvm.masked.gather.v{LANES}i64.v{LANES}p0"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(WORDS.form, [pointers.type, mask.type, WORDS.form]), name
        )
        words = builder.call(function, [pointers, mask, undefined])
        return builder.and_(words, ir.Constant(WORDS.form, [255] * LANES))

    return WORDS(array, WORDS), lower


@intrinsic
def scatter(context: Any, array: Any, places: Any, vector: Any) -> Any:
    """Write to 32 places."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        pointers = _addresses(context, builder, sig.args[0], *values[:2])
        mask = ir.Constant(TRUTHS.form, [True] * LANES)
        form, short = sig.args[2].form, "f64" if sig.args[2] == DOUBLES else "i64"
        name = f"llvm.masked.scatter.v{LANES}{short}.v{LANES}p0"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(ir.VoidType(), [form, pointers.type, mask.type]), name
        )
        builder.call(function, [values[2], pointers, mask])
        return context.get_dummy_value()

    return types.void(array, WORDS, vector), lower


@intrinsic
def gather_listed(context: Any, array: Any, table: Any, place: Any) -> Any:
    """Return array[table[place + lane]], element by element: such loads may follow recent stores at once."""
    kind = _vector_of(array)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        found = ir.Constant(kind.form, ir.Undefined)
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        for lane in range(LANES):
            at = builder.load(
                _place(context, builder, sig.args[1], values[1], builder.add(values[2], _I64(lane)))
            )
            found = builder.insert_element(found, builder.load(builder.gep(data, [at])), _I32(lane))
        return found

    return kind(array, table, types.uint64), lower


@intrinsic
def scatter_listed(context: Any, array: Any, table: Any, place: Any, vector: Any) -> Any:
    """Write the lanes to array[table[place + lane]]."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        for lane in range(LANES):
            at = builder.load(
                _place(context, builder, sig.args[1], values[1], builder.add(values[2], _I64(lane)))
            )
            builder.store(builder.extract_element(values[3], _I32(lane)), builder.gep(data, [at]))
        return context.get_dummy_value()

    return types.void(array, table, types.uint64, vector), lower


@intrinsic
def prefetch(context: Any, array: Any, place: Any) -> Any:
    """Ask for the cache line of an element ahead of its use."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        pointer = builder.bitcast(_place(context, builder, sig.args[0], values[0], values[1]), _POINTER)
        kind = ir.FunctionType(ir.VoidType(), [_POINTER, _I32, _I32, _I32])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        builder.call(function, [pointer, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(array, types.uint64), lower
