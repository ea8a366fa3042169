"""Kernels compiled by numba: the decorator, and an exp and a log that vectorise. Importing it needs numba.

Every kernel has a plain NumPy counterpart that runs where numba is absent and agrees to 1e-12;
`parallel.compiled` says which runs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from .kernel_cache import KernelCache, folder

__all__ = ["constant", "exact_kernel", "exp", "kernel", "kernel_part", "log", "prefetch"]

# Kernels release the GIL, so that threads run them side by side. Of "fast" mathematics only what keeps a
# value's meaning: fused multiply-add, and order of comparison where nothing is NaN (callers see to that),
# without which no maximum vectorises.
# Nobody takes a kernel's address: its wrapper for C is not compiled.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nnan", "nsz"},
    "no_cfunc_wrapper": True,
}


def kernel(function: Callable[..., Any]) -> Any:
    """The function, compiled on its first call and kept on disk for the next process, where a folder can be
    written.
    """
    return _compiled(function, _OPTIONS)


def kernel_part(function: Callable[..., Any]) -> Any:
    """As `kernel`, for what kernels alone call: what Python would call it by is not compiled."""
    return _compiled(function, _OPTIONS | {"no_cpython_wrapper": True})


def constant(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only contiguous view, so that a kernel is compiled once and not for every mixture of flags."""
    view = np.ascontiguousarray(array).view(np.ndarray)[:]
    view.flags.writeable = False
    return view


def exact_kernel(function: Callable[..., Any]) -> Any:
    """As `kernel`, every operation rounded as NumPy rounds it: for what a comparison decides."""
    return _compiled(function, _OPTIONS | {"fastmath": False})


def _inlined(function: Callable[..., Any]) -> Any:
    """As `kernel_part`, compiled once and then put into each loop that calls it, which vectorises."""
    return _compiled(function, _OPTIONS | {"no_cpython_wrapper": True, "forceinline": True})


def _compiled(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    found = numba.njit(**options)(function)
    if folder() is not None:
        with suppress(RuntimeError):  # typed at a prompt: no file holds it
            found._cache = KernelCache(function)
    return found


@intrinsic
def _as_float(typingctx, bits):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), codegen


@intrinsic
def _as_bits(typingctx, value):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), codegen


@intrinsic
def prefetch(typingctx, array, at):  # type: ignore[no-untyped-def]
    """Ask for the memory of array[at], contiguous, before it is read; no harm where there is none."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        address, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        asked = ir.FunctionType(ir.VoidType(), [address, whole, whole, whole])
        function = cgutils.get_or_insert_function(builder.module, asked, "llvm.prefetch.p0")
        where = builder.bitcast(builder.gep(data, [args[1]]), address)
        builder.call(function, [where, whole(0), whole(3), whole(1)])  # to read, into every cache, data
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen


@_inlined
def exp(x):  # type: ignore[no-untyped-def]
    """e^x within two units in the last place for x up to 709, without a branch, so that a loop over it
    vectorises.

    Below -708 it is e^-708. Range reduction by multiples of log 2 in two parts, then the Taylor polynomial of
    degree 13.
    """
    x = max(x, -708.0)
    # 1.5 2^52 rounds the sum to a whole number, which its last bits hold: AVX2 converts none to int64
    whole = x * 1.4426950408889634 + 6755399441055744.0
    n = whole - 6755399441055744.0
    r = x - n * 6.93147180369123816490e-01
    r = r - n * 1.90821492927058770002e-10
    p = 1 / 6227020800.0
    p = p * r + 1 / 479001600.0
    p = p * r + 1 / 39916800.0
    p = p * r + 1 / 3628800.0
    p = p * r + 1 / 362880.0
    p = p * r + 1 / 40320.0
    p = p * r + 1 / 5040.0
    p = p * r + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * _as_float((_as_bits(whole) + 1023) << 52)  # type: ignore[call-arg]


@_inlined
def log(x):  # type: ignore[no-untyped-def]
    """Natural log within two units in the last place for normal x > 0, without a branch.

    x = 2^e f with f in [1/sqrt 2, sqrt 2), and log f = 2 artanh((f - 1) / (f + 1)) by its series.
    """
    bits: int = _as_bits(x)  # type: ignore[call-arg]
    # the exponent below the bits of 2^52, less 2^52 and its bias; without a sign the shift is a logical one
    exponent = (bits & 0x7FFFFFFFFFFFFFFF) >> 52
    e = _as_float(exponent | 0x4330000000000000) - 4503599627371519.0
    f = _as_float((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000)
    above = f > 1.4142135623730951
    f = 0.5 * f if above else f
    e = e + 1.0 if above else e
    s = (f - 1.0) / (f + 1.0)
    z = s * s
    p = 1 / 21.0
    p = p * z + 1 / 19.0
    p = p * z + 1 / 17.0
    p = p * z + 1 / 15.0
    p = p * z + 1 / 13.0
    p = p * z + 1 / 11.0
    p = p * z + 1 / 9.0
    p = p * z + 1 / 7.0
    p = p * z + 1 / 5.0
    p = p * z + 1 / 3.0
    return e * 0.6931471805599453 + 2.0 * (s + s * (p * z))
