"""What the generator of training dialogues promises."""

from __future__ import annotations

import json
import re
from random import Random

import jsonschema
import pytest

from hermes_gguf.evaluation import load_cases
from hermes_gguf.evaluation.cases import render_case
from hermes_gguf.messages import AssistantMessage, ToolMessage, UserMessage
from hermes_gguf.prompt import render_prompt
from scripts.tiny import (
    copies,
    dialogues,
    glue,
    heldout,
    json_mode,
    requests,
    words,
    write_cases,
)
from scripts.tiny.answers import draw_outcome
from scripts.tiny.coining import HeldOutRandom
from scripts.tiny.disguise import disguised
from scripts.tiny.domains import FUNCTIONS
from scripts.tiny.functions import sample
from scripts.tiny.handwritten import handwritten_cases
from scripts.tiny.heldout_words import UNSEEN
from scripts.tiny.keywords import keyword_function
from scripts.tiny.lexicon import TRAINING, Lexicon
from scripts.tiny.spec import Function
from scripts.tiny.traits import TRAITS

MAKERS = [maker for maker, _ in dialogues.MIX]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("test", [False, True])
def test_the_same_seed_gives_the_same_dialogue(
    maker: dialogues.Maker, test: bool
) -> None:
    first = [maker(Random(seed), test) for seed in range(20)]
    again = [maker(Random(seed), test) for seed in range(20)]
    assert first == again


def test_every_everyday_function_can_be_called_and_gives_its_result() -> None:
    for function in FUNCTIONS:
        for seed in range(3):
            rng = Random(seed)
            member = sample(rng, function)
            said = requests.draw_values(rng, member)
            assert requests.ask(rng, member, said)
            assert draw_outcome(rng, member, said).content


def test_what_is_to_be_recalled_was_told_and_means_one_thing() -> None:
    for seed in range(60):
        told, *rest = copies.recall(Random(seed), False).messages
        listed, _, first = told.content.rpartition("\n")
        questions = [first, *(turn.content for turn in rest[1::2])]
        answers = [turn.content for turn in rest[::2]]
        for question, answer in zip(questions, answers, strict=True):
            assert answer in listed
            assert answers[questions.index(question)] == answer


@pytest.mark.parametrize("maker", MAKERS)
def test_every_dialogue_renders_and_ends_with_the_assistant(
    maker: dialogues.Maker,
) -> None:
    for seed in range(60):
        dialogue = maker(Random(seed), False)
        assert isinstance(dialogue.messages[-1], AssistantMessage)
        render_prompt(
            dialogue.messages[:-1],
            tools=dialogue.tools,
            json_schema=dialogue.json_schema,
        )


def test_every_call_is_valid_against_its_tool() -> None:
    for seed in range(300):
        dialogue = dialogues.draw_dialogue(Random(seed), test=seed % 2 == 0)
        schemas = {tool.name: tool.parameters for tool in dialogue.tools}
        for message in dialogue.messages:
            if isinstance(message, AssistantMessage):
                for call in message.tool_calls:
                    jsonschema.validate(dict(call.arguments), dict(schemas[call.name]))


def test_every_object_of_json_mode_is_valid_against_its_schema() -> None:
    for seed in range(300):
        dialogue = dialogues.json_mode(Random(seed), seed % 2 == 0)
        assert dialogue.json_schema is not None
        last = dialogue.messages[-1]
        assert isinstance(last, AssistantMessage)
        jsonschema.validate(json.loads(last.content), dialogue.json_schema)


def test_numbers_and_addresses_of_a_call_stand_in_the_request() -> None:
    copied = 0
    for seed in range(400):
        dialogue = dialogues.one_call(Random(seed), False, rounds=1)
        request, call = dialogue.messages[-2:]
        assert isinstance(request, UserMessage)
        assert isinstance(call, AssistantMessage)
        for value in call.tool_calls[0].arguments.values():
            is_copied = isinstance(value, float) or (
                isinstance(value, str) and ("@" in value or "://" in value)
            )
            if is_copied:
                copied += 1
                assert str(value) in request.content
    assert copied > 20


def test_a_final_sentence_contains_what_the_tools_gave() -> None:
    for seed in range(200):
        dialogue = dialogues.answer(Random(seed), seed % 2 == 0)
        result, told = dialogue.messages[-2:]
        assert isinstance(result, ToolMessage)
        assert isinstance(told, AssistantMessage)
        assert dialogue.shown
        for text in dialogue.shown:
            assert text.lower() in told.content.lower()


def _words_of(lexicon: Lexicon) -> dict[str, set[str]]:
    """What one split may say, by the field of the lexicon."""
    return {
        "verbs": {verb for group in lexicon.verbs for verb in group},
        "objects": set(lexicon.objects),
        "adjectives": set(lexicon.adjectives),
        "prefixes": set(lexicon.prefixes),
        "clauses": set(lexicon.clauses),
    }


def _parameters_of(lexicon: Lexicon, functions: tuple[Function, ...]) -> set[str]:
    pairs = [param for pair in lexicon.pairs for param in pair]
    params = [param for function in functions for param in function.params]
    named = {name for param in (*pairs, *params) for name in param.names}
    nouns = {name for names in lexicon.nouns.values() for name in names}
    return named | nouns | {*lexicon.choices, *lexicon.switches}


def test_the_test_split_shares_no_word_and_no_phrasing_with_training() -> None:
    trained, unseen = _words_of(TRAINING), _words_of(heldout.HELD_OUT)
    for field in trained:
        assert not trained[field] & unseen[field], field
    for name, values in UNSEEN.items():
        assert not set(values) & set(vars(words)[name]), name
    names = {name for function in FUNCTIONS for name in function.names}
    asked = {text for function in FUNCTIONS for text in function.asks}
    for function in heldout.TEST_FUNCTIONS:
        assert not names & set(function.names)
        assert not asked & set(function.asks)
    fields = _parameters_of(TRAINING, FUNCTIONS) | {t[0] for t in TRAITS}
    new = _parameters_of(heldout.HELD_OUT, heldout.TEST_FUNCTIONS)
    assert not fields & (new | {t[0] for t in json_mode._TEST_TRAITS})


_EMPTY = set(
    "a an the of to in on for with and or is are at from by my me i you it this that"
    " what how give get show tell set some which do be who where when has have".split()
)


def _stems(*texts: str) -> set[str]:
    spelled = " ".join(texts).lower().replace("_", " ")
    return {word[:4] for word in re.findall(r"[a-z]{2,}", spelled)} - {
        word[:4] for word in _EMPTY
    }


def test_a_held_out_request_shares_a_word_with_its_function() -> None:
    for function in heldout.TEST_FUNCTIONS:
        told = _stems(*function.does)
        told |= set.intersection(*(_stems(name) for name in function.names))
        for param in function.params:
            told |= _stems(*param.does)
        for lead in function.asks:
            assert _stems(lead) & told, lead


def test_no_phrasing_put_together_at_random_is_a_held_out_one() -> None:
    rng = Random(3)
    held_out = {text.replace("{n}", "altitude") for text in heldout.HELD_OUT.clauses}
    drawn = set(glue.clauses(rng, "altitude", "integer", 20_000))
    assert len(drawn) > 10_000
    assert not drawn & held_out
    leads = {
        lead.format(v="fold", a="the", t="sail") for lead in heldout.HELD_OUT.leads
    }
    asked = {glue.lead(rng, ["fold", "the sail"]) for _ in range(20_000)}
    assert asked & leads <= {"fold the sail"}


def test_a_request_for_a_keyword_function_has_two_of_its_words() -> None:
    for seed in range(300):
        function = keyword_function(Random(seed))
        told = f"{function.does[0]}".lower()
        for request in function.asks:
            shared = [word for word in request.split() if word in told.split()]
            assert len(shared) >= 2 or _stems(request) & _stems(told), request


def _with_singulars(*texts: str) -> set[str]:
    return _stems(*texts, *(re.sub(r"s(?![a-z])", "", text) for text in texts))


def test_a_disguised_function_has_one_name_and_only_requests_that_share_a_word() -> (
    None
):
    rng = Random(4)
    for function in FUNCTIONS:
        other = disguised(rng, function)
        if other == function:
            continue
        assert len(other.names) == len(other.does) == 1
        told = _with_singulars(other.names[0], other.does[0])
        for ask in other.asks:
            assert told & _with_singulars(ask), ask
        for param, before in zip(other.params, function.params, strict=True):
            assert param.kind == before.kind
            assert len(param.says) == len(before.says)


def test_no_two_tools_of_a_dialogue_answer_to_the_same_request() -> None:
    for seed in range(300):
        rng = HeldOutRandom(seed) if seed % 2 else Random(seed)
        scene = dialogues.new_scene(rng, "call", seed % 2 == 1)
        for at, member in enumerate(scene.members):
            for other in scene.members[at + 1 :]:
                assert not set(member.function.asks) & set(other.function.asks)


def test_the_shipped_cases_are_those_that_the_script_writes() -> None:
    shipped = load_cases(tuple(row for row, *_ in write_cases.ROWS), cases=500)
    drawn = list(write_cases.all_cases())
    assert sorted(map(render_case, shipped)) == sorted(map(render_case, drawn))


def test_no_handwritten_request_is_a_training_phrasing() -> None:
    asked = {text for function in FUNCTIONS for text in function.asks}
    cases = list(handwritten_cases())
    assert len(cases) == 40
    for dialogue, name, arguments in cases:
        request = dialogue.messages[0]
        assert isinstance(request, UserMessage)
        assert request.content not in asked
        schemas = {tool.name: tool.parameters for tool in dialogue.tools}
        jsonschema.validate(arguments, dict(schemas[name]))
