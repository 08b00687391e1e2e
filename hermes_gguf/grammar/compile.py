"""JSON Schema → GBNF, exactly or not at all.

The front of the compiler: options in, `Grammar` out. How keywords are understood and
enforced is the business of `hermes_gguf.grammar.schema`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

from ..errors import (
    SchemaBudgetError,
    UnsupportedSchemaError,
)
from .compiled import Grammar
from .gbnf import GbnfGrammar
from .schema.documents import Library
from .schema.layout import Whitespace
from .schema.printer import SchemaPrinter
from .schema.report import make_report

__all__ = ["Whitespace", "compile_schema"]

_HINT = "hermes-gguf grammar SCHEMA.json --explain"
_HINT_BEFORE_CHECK = (
    f"--on-unsupported check looks at it after generation instead; {_HINT}"
)


def compile_schema(
    schema: Any,
    *,
    closed: bool = False,
    whitespace: Whitespace = "hermes",
    on_unsupported: Literal["refuse", "check"] = "refuse",
    registry: Mapping[str, Any] | Callable[[str], Any] | None = None,
    asserts_formats: bool = True,
) -> Grammar:
    """The grammar of exactly the documents that `schema` allows.

    Keys come in the order of `properties`; extra keys of an open object come last.
    The dialect is the one that `$schema` names (drafts 4, 6, 7, 2019-09, 2020-12).

    Args:
        schema: A JSON Schema: a mapping, True or False.
        closed: Whether an object that names properties, and does not say otherwise,
            allows no other keys. The standard says that it does. Closed documents
            are also written plainly: integers as digits, other numbers with an
            exponent that keeps a double finite.
        whitespace: `hermes` is `", "` and `": "`, as Hermes was trained; `compact`
            has none; `pretty` puts items on lines; `flexible` allows all of these.
        on_unsupported: `refuse` raises; `check` leaves exactly the unsupported
            keyword to a check after generation and says so in the report.
        registry: URI → schema, for references out of this document. Nothing is ever
            fetched.
        asserts_formats: Whether a known `format` constrains; without, it is an
            annotation, as the later drafts have it by default.

    Raises:
        UnsupportedSchemaError: a keyword cannot be enforced by a grammar.
        UnsatisfiableSchemaError: no document satisfies the schema.
        SchemaBudgetError: the grammar would be too large.
        SchemaError: the schema is no JSON Schema.
    """
    relaxed: frozenset[str] = frozenset()
    while True:
        read = partial(Library, schema, registry=registry, relaxed=relaxed)
        try:
            with _without_collector():
                nodes = _print(
                    read(),
                    closed=closed,
                    whitespace=whitespace,
                    asserts_formats=asserts_formats,
                )
        except (UnsupportedSchemaError, SchemaBudgetError) as error:
            # A pointer that was relaxed before and still fails cannot be helped.
            if on_unsupported == "refuse" or error.pointer in relaxed:
                relaxable = on_unsupported == "refuse"
                error.hint = error.hint or (_HINT_BEFORE_CHECK if relaxable else _HINT)
                raise
            relaxed |= {error.pointer}
            continue
        report = partial(
            make_report,
            partial(read, shared=False),
            closed=closed,
            asserts_formats=asserts_formats,
        )
        return Grammar(nodes, report)


def _print(library: Library, **options: Any) -> GbnfGrammar:
    printer = SchemaPrinter(library, **options)
    try:
        return printer.run()
    except RecursionError as error:
        raise SchemaBudgetError.too_deep() from error
    finally:
        printer.let_go()
        library.forget()


#: Values that are worth more than a look through them.
_MANY = 2_000


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let no garbage be looked for: a compilation makes many values that all live.

    Looking takes a third of the time otherwise. The budget bounds what may pile up.
    """
    if not gc.isenabled():
        yield
        return
    # What others left behind goes now: it shall not be taken for old below.
    gc.collect(0)
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
            # There and back, what was made counts as old. Or else it would all be
            # looked through at once, and in vain.
            gc.freeze()
            gc.unfreeze()
        gc.enable()
