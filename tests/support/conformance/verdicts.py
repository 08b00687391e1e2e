"""One schema against its documents: what our compiler makes of them.

A schema passes when it compiles and no valid document is rejected and no invalid one
accepted. A refused schema does not pass, but it is never wrong.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hermes_gguf.errors import SchemaError, UnsatisfiableSchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.compiled import Grammar
from hermes_gguf.grammar.schema.documents import Library

from .forms import spellings
from .reorder import accepts_some_order
from .schema_order import in_schema_order


@dataclass(slots=True)
class Verdict:
    """What became of one schema.

    Attributes:
        refusal: Why the compiler refused it; None when it compiled.
        rejected: Indices of valid documents that the grammar rejects.
        accepted: Indices of invalid documents that it accepts.
        n_documents: How many documents there were.
        compile_s: Processor seconds of the compilation.
        n_stacks: The most parser stacks that were alive in accepted documents.
    """

    refusal: SchemaError | None = None
    rejected: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    n_documents: int = 0
    compile_s: float = 0.0
    n_stacks: int = 0

    @property
    def passes(self) -> bool:
        """Whether the schema compiled and every document was judged rightly."""
        return self.refusal is None and not self.rejected and not self.accepted

    @property
    def kind(self) -> str:
        """The category: pass, refused, over (constrained), or under."""
        if self.refusal is not None:
            return "refused"
        if self.accepted:
            return "under"
        return "over" if self.rejected else "pass"


def judge(
    schema: Any,
    documents: Iterable[tuple[Any, bool]],
    *,
    registry: Callable[[str], Any] | None = None,
    asserts_formats: bool = True,
) -> Verdict:
    """Compile the schema and try every (document, valid) on it."""
    documents = list(documents)
    verdict = Verdict(n_documents=len(documents))
    started = time.thread_time()
    try:
        grammar = compile_schema(
            schema, registry=registry, asserts_formats=asserts_formats
        )
        _ = grammar.gbnf
    except UnsatisfiableSchemaError:
        verdict.compile_s = time.thread_time() - started
        verdict.rejected = [i for i, (_, valid) in enumerate(documents) if valid]
        return verdict
    except SchemaError as error:
        verdict.compile_s = time.thread_time() - started
        verdict.refusal = error
        return verdict
    verdict.compile_s = time.thread_time() - started
    library = Library(schema, registry=registry)
    for i, (document, valid) in enumerate(documents):
        texts = spellings(document)
        accepted = any(_accepts(grammar, text, verdict) for text in texts)
        if not accepted and not _is_scalar(document):
            value = in_schema_order(json.loads(texts[-1]), library)
            accepted = accepts_some_order(grammar.automaton, value)
        if valid and not accepted:
            verdict.rejected.append(i)
        if accepted and not valid:
            verdict.accepted.append(i)
    return verdict


def _is_scalar(document: Any) -> bool:
    return not isinstance(document, dict | list)


def _accepts(grammar: Grammar, text: str, verdict: Verdict) -> bool:
    automaton = grammar.automaton
    state = automaton.start
    most = 0
    for char in text:
        following = state[char]
        if following is None:
            return False
        state = following
        most = max(most, len(state))
    verdict.n_stacks = max(verdict.n_stacks, most)
    return state.may_end
