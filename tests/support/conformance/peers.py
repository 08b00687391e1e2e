"""Other compilers of JSON Schema, judged by the same documents, where installed.

Each peer makes of a schema a function that tells whether a text is accepted, or raises
`RefusedError`. A peer that is not installed is named as absent and never guessed at.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.gbnf_parser import parse_gbnf
from hermes_gguf.grammar.schema.documents import Library

from .corpora import Case
from .forms import spellings
from .ratchet import Counts
from .schema_order import in_schema_order
from .verdicts import Verdict

#: Tells whether a text is accepted.
Accepts = Callable[[str], bool]
#: Compiles a schema.
Compile = Callable[[Any], Accepts]


class RefusedError(Exception):
    """The peer does not compile the schema, or its grammar is broken."""


def find_peers() -> tuple[dict[str, Compile], list[str]]:
    """The peers that are installed, by name; and the names of those that are not."""
    found: dict[str, Compile] = {}
    absent: list[str] = []
    for module, make in _PEERS.items():
        try:
            found.update(make(import_module(module)))
        except ImportError as error:
            absent.append(f"{module.partition('.')[0]} ({error})")
    return found, absent


def judge_peer(compile_peer: Compile, cases: Iterable[Case]) -> tuple[Counts, float]:
    """Counts of schemas, and the median processor milliseconds of a compilation."""
    counts = Counts()
    times = []
    with _silent_stderr():
        for case in cases:
            started = time.thread_time()
            verdict = Verdict(n_documents=len(case.documents))
            try:
                accepts = compile_peer(case.schema)
                times.append(time.thread_time() - started)
                _try_documents(accepts, case, verdict)
            except (RefusedError, RecursionError) as error:
                verdict.refusal = SchemaError(str(error), pointer="", keyword="schema")
            counts.add_schema(verdict)
    times.sort()
    return counts, times[len(times) // 2] * 1e3 if times else 0.0


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Peers in C++ warn there of each keyword that they ignore."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _try_documents(accepts: Accepts, case: Case, verdict: Verdict) -> None:
    library = Library(case.schema)
    for i, (document, valid) in enumerate(case.documents):
        accepted = any(accepts(text) for text in _texts(document, library))
        if valid and not accepted:
            verdict.rejected.append(i)
        if accepted and not valid:
            verdict.accepted.append(i)


def _texts(document: Any, library: Library) -> Iterable[str]:
    """As it is and in schema order, spaced and compact, 1.0 also as 1."""
    for text in spellings(document):
        value = json.loads(text)
        try:
            values = (value, in_schema_order(value, library))
        except SchemaError:
            values = (value,)
        for each in values:
            yield json.dumps(each, ensure_ascii=False)
            yield json.dumps(each, ensure_ascii=False, separators=(",", ":"))


def _llama_cpp_python(module: Any) -> dict[str, Compile]:
    """The converter of llama-cpp-python; its grammar is run by our automaton."""

    def compile_peer(schema: Any) -> Accepts:
        try:
            text = module.json_schema_to_gbnf(json.dumps(schema))
            return Automaton(parse_gbnf(text)).accepts
        except Exception as error:  # whatever a converter may raise is a refusal
            raise RefusedError(str(error)) from error

    return {"llama-cpp-python": compile_peer}


def _llguidance(module: Any) -> dict[str, Compile]:
    tokenizer = module.LLTokenizer("byte")

    def compiler(**options: bool) -> Compile:
        def compile_peer(schema: Any) -> Accepts:
            if options and isinstance(schema, dict):
                schema = {**schema, "x-guidance": options}
            grammar = module.LLMatcher.grammar_from_json_schema(json.dumps(schema))
            matcher = module.LLMatcher(tokenizer, grammar)
            if matcher.is_error():
                raise RefusedError(matcher.get_error())

            def accepts(text: str) -> bool:
                matcher.reset()
                tokens = tokenizer.tokenize_str(text)
                eaten = matcher.try_consume_tokens(tokens)
                return bool(eaten == len(tokens) and matcher.is_accepting())

            return accepts

        return compile_peer

    return {"llguidance": compiler(), "llguidance lenient": compiler(lenient=True)}


def _xgrammar(module: Any) -> dict[str, Compile]:
    vocabulary = [bytes([i]) for i in range(256)] + [b"</s>"]
    info = module.TokenizerInfo(vocabulary, stop_token_ids=[256])
    compiler = module.GrammarCompiler(info, cache_enabled=False)

    def compile_peer(schema: Any) -> Accepts:
        try:
            grammar = compiler.compile_json_schema(
                json.dumps(schema), strict_mode=False
            )
        except RuntimeError as error:
            raise RefusedError(str(error)) from error

        def accepts(text: str) -> bool:
            matcher = module.GrammarMatcher(grammar)
            return bool(matcher.accept_string(text) and matcher.accept_token(256))

        return accepts

    return {"xgrammar, not strict": compile_peer}


_PEERS: dict[str, Callable[[Any], dict[str, Compile]]] = {
    "llguidance": _llguidance,
    "xgrammar": _xgrammar,
    "llama_cpp.llama_grammar": _llama_cpp_python,
}
