"""Builds the automaton of one language's GBNF, and spells strings as JSON."""

import json

from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.gbnf import GbnfGrammar, GrammarBuilder
from hermes_gguf.grammar.regular import Language, emit_string


def string_grammar(language: Language) -> GbnfGrammar:
    builder = GrammarBuilder()
    return builder.build(emit_string(language, builder, "text"))


def string_automaton(language: Language) -> Automaton:
    return Automaton(string_grammar(language))


def spellings(text: str) -> list[str]:
    """How programs write the string: raw, and escaped beyond ASCII."""
    return [json.dumps(text, ensure_ascii=False), json.dumps(text)]
