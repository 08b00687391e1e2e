"""GBNF is read as llama.cpp reads it, and what is wrong is said with its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.errors import GrammarSyntaxError
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.gbnf import Chars, Choice, Literal, Repeat, RuleRef, Sequence
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from ..support.llama_grammar import ALPHABET, LlamaGrammar


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ('root ::= "a"', Literal("a")),
        ('  root\t::=  "a" # why\n\n# end', Literal("a")),
        ('root ::=\n  "a"', Literal("a")),
        ('root ::= "a" |\n "b"', Choice((Literal("a"), Literal("b")))),
        ('root ::= (\n"a"\n# why\n"b" )', Sequence((Literal("a"), Literal("b")))),
        ("root ::=", Sequence(())),
        ('root ::= | "a"', Choice((Sequence(()), Literal("a")))),
        ('root ::= "a"*', Repeat(Literal("a"), 0, None)),
        ('root ::= "a"+', Repeat(Literal("a"), 1, None)),
        ('root ::= "a"?', Repeat(Literal("a"), 0, 1)),
        ('root ::= "a"{3}', Repeat(Literal("a"), 3, 3)),
        ('root ::= "a" { 3 , }', Repeat(Literal("a"), 3, None)),
        ('root ::= "a"{2,5}', Repeat(Literal("a"), 2, 5)),
        ('root ::= "a"{0,5000}', Repeat(Literal("a"), 0, 5000)),
        (r'root ::= "\n\r\t\\\"\[\]\-"', Literal('\n\r\t\\"[]-')),
        (r'root ::= "\x41\u00e9\U0001F600é"', Literal("Aé😀é")),
        ("root ::= [a-cx]", Chars(((97, 99), (120, 120)))),
        ("root ::= [^a]", Chars(((97, 97),), negated=True)),
        ("root ::= [a-]", Chars(((45, 45), (97, 97)))),
        ("root ::= [-a]", Chars(((45, 45), (97, 97)))),
        (r"root ::= [\]\-\x30-\x39]", Chars(((45, 45), (48, 57), (93, 93)))),
        ("root ::= [^z-a]", Chars(((0, 0x10FFFF),))),
        ("root ::= .", Chars(((0, 0x10FFFF),))),
        ('root ::= b\nb ::= "x"\nb ::= "y"', RuleRef("b")),
        ('root ::= "a"\r\nb ::= "b"', Literal("a")),
    ],
)
def test_grammars_are_read(text: str, root: object, llama: LlamaGrammar) -> None:
    assert parse_gbnf(text).rules["root"] == root
    assert llama.walk(text, "") is not None


REFUSED = [
    ('start ::= "a"', 1, 1, "no rule named root"),
    ("root ::= b", 1, 10, "'b' is not defined"),
    ('root ::= "a', 1, 10, "text is not closed"),
    ("root ::= [a", 1, 10, "class is not closed"),
    ("root ::= [a-", 1, 10, "class is not closed"),
    ('root ::= ("a"', 1, 14, "expected )"),
    ('root ::= "a")', 1, 13, "expected a newline"),
    ("root ::= *", 1, 10, "nothing to repeat"),
    ('root ::= ""*', 1, 12, "nothing to repeat"),
    ('root ::= "a"{', 1, 14, "expected a number"),
    ('root ::= "a"{,3}', 1, 14, "expected a number"),
    ('root ::= "a"{1,2', 1, 17, "expected }"),
    ('root ::= "a"{1 2}', 1, 16, "expected }"),
    ('root ::= "a"{2001}', 1, 13, "more than 2000 repetitions"),
    ('root ::= ("a"{0,100}){100}', 1, 22, "more than 2000 rules"),
    ('root ::= "a"{99999999999999999999}', 1, 34, "too large"),
    (r'root ::= "\q"', 1, 11, "unknown escape"),
    (r'root ::= "\x4"', 1, 11, "2 hexadecimal digits"),
    (r'root ::= "\u12G4"', 1, 11, "4 hexadecimal digits"),
    ('root = "a"', 1, 6, "expected ::="),
    ('my_rule ::= "a"', 1, 3, "expected ::="),
    ('root ::= "a"\n"b"', 2, 1, "expected a rule's name"),
    ('root ::= "a"\n  | "b"', 2, 3, "expected a rule's name"),
    ('root ::= root "a"', 1, 1, "left recursion: root -> root"),
    ('root ::= "x" a\na ::= b? "y"\nb ::= a', 2, 1, "left recursion: a -> b -> a"),
    ('root ::= ("a" | )*', 1, 18, "empty alternative"),
    ('root ::= "a"**', 1, 14, "empty alternative"),
    ('root ::= b*\nb ::= "a" | ""', 1, 11, "empty alternative"),
]

#: llama.cpp takes these; what they mean there is not what they say.
STRICTER = [
    ("", 1, 1, "no rule named root"),
    ("root ::= []", 1, 10, "class is empty"),
    ("root ::= [z-a]", 1, 10, "class is empty"),
    (r'root ::= "\UFFFFFFFF"', 1, 11, "no such Unicode character"),
    ('root ::= "a" root', 1, 1, "root matches no text"),
    ("root ::= <[12]>", 1, 10, "token literals"),
    ("root ::= !<[12]>", 1, 10, "token literals"),
    ('root ::= "a"{3,2}', 1, 13, "no range"),
    ("root ::= " + "(" * 151 + '"a"' + ")" * 151, 1, 160, "groups nest deeper"),
]


@pytest.mark.parametrize(("text", "line", "column", "problem"), REFUSED + STRICTER)
def test_what_is_wrong_is_said_with_its_place(
    text: str, line: int, column: int, problem: str
) -> None:
    with pytest.raises(GrammarSyntaxError) as caught:
        parse_gbnf(text)
    assert problem in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", [text for text, *_ in REFUSED])
def test_llama_cpp_refuses_the_same(text: str, llama: LlamaGrammar) -> None:
    assert llama.walk(text, "") is None


def test_the_last_of_two_definitions_counts(llama: LlamaGrammar) -> None:
    text = 'root ::= b\nb ::= "x"\nb ::= "y"'
    assert Automaton(parse_gbnf(text)).accepts("y")
    places = llama.walk(text, "")
    assert places is not None
    assert places[0].chars == {"y"}


_TOKENS = ["root", "b", "::=", '"a"', '""', "[a-c]", "[^a]", "(", ")", "|", "*", "?"]
_TOKENS += ["{2}", "{0,3}", "{1,}", "\n", " ", "#x", ".", '"', "\\", "[", "-"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_TOKENS), max_size=14).map("".join))
def test_token_soup_is_refused_or_means_what_it_means_there(
    llama: LlamaGrammar, body: str
) -> None:
    text = 'b ::= "b"\nroot ::= ' + body
    try:
        grammar = parse_gbnf(text)
    except GrammarSyntaxError:
        return
    runner = Automaton(grammar)
    places = llama.walk(text, "")
    assert places is not None
    legal = {c for c in ALPHABET if runner.advance(runner.start, c) is not None}
    assert legal == places[0].chars
    assert runner.start.may_end == places[0].may_end
    assert parse_gbnf(grammar.to_gbnf()).rules.keys() == grammar.rules.keys()
