"""Evaluates an arithmetic expression without `eval`: numbers, operators, functions.

Everything else in Python's grammar is refused, and numbers stay small enough that
no expression can take long.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

_MAX_CHARS: Final = 500
_MAX_BITS: Final = 4096

_BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: Mapping[type, Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "cos": math.cos,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "log2": math.log2,
    "max": max,
    "min": min,
    "round": round,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tan": math.tan,
}


def evaluate(expression: str) -> int | float:
    """The value of an arithmetic expression, `^` meaning power.

    Raises:
        ValueError: The expression is no arithmetic, too long, or has no value.
    """
    if len(expression) > _MAX_CHARS:
        raise ValueError(f"the expression is longer than {_MAX_CHARS} characters")
    try:
        tree = ast.parse(expression.strip().replace("^", "**"), mode="eval")
        return _value(tree.body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{expression!r} is no arithmetic expression") from error
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"{expression!r} has no value: {error}") from error


def _value(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=bool()):
            raise ValueError("True and False are no numbers")
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _bounded(_UNARY[type(op)](_value(operand)))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _bounded(_BINARY[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            if name in _FUNCTIONS:
                return _bounded(_FUNCTIONS[name](*map(_value, args)))
    known = ", ".join([*_FUNCTIONS, *_CONSTANTS])
    raise ValueError(f"{ast.unparse(node)!r} is not allowed; known names: {known}")


def _power(base: int | float, exponent: int | float) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        # The size is known before the work is done.
        if base.bit_length() * exponent > _MAX_BITS and abs(base) > 1:
            raise ValueError("the number would be too large")
    return _bounded(base**exponent)


def _bounded(number: Any) -> int | float:
    if isinstance(number, complex):
        raise ValueError("the value is not a real number")
    if isinstance(number, int) and number.bit_length() > _MAX_BITS:
        raise ValueError("the number is too large")
    if not isinstance(number, int | float):
        raise ValueError(f"{number!r} is no number")
    return number
