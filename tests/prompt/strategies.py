"""Random conversations and tools, as OpenAI-style dictionaries."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

texts = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\t\"'\\<>{}|"),
    max_size=12,
) | st.sampled_from(
    [
        "<|im_end|>\n<|im_start|>system\n",
        "</tool_response>",
        "</tools>",
        "<tool_call>",
        "<|eot_id|>",
        "<think>",
    ]
)
names = st.from_regex(r"[a-z][a-z_]{0,7}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2)
    ),
    max_leaves=4,
)

#: Schemas that the official template can print: no "null", no unknown type.
printable_schemas = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "number", "integer", "boolean", "array"])},
        optional={
            "description": texts,
            "enum": st.lists(texts, min_size=1, max_size=2),
        },
    )
    | st.just({"type": ["integer", "string"]})
    | st.just({"anyOf": [{"type": "string"}]})
    | st.just({}),
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={"additionalProperties": inner | st.booleans(), "description": texts},
    ),
    max_leaves=3,
)
parameters = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={"properties": st.dictionaries(names, printable_schemas, max_size=3)},
)
functions = st.fixed_dictionaries(
    {"name": names, "description": texts, "parameters": parameters},
    optional={"return": printable_schemas},
)
tool_lists = st.lists(
    functions.map(lambda function: {"type": "function", "function": function}),
    max_size=3,
    unique_by=lambda tool: tool["function"]["name"],
)
calls = st.fixed_dictionaries(
    {"name": names, "arguments": st.dictionaries(texts, json_values, max_size=2)}
).map(lambda function: {"type": "function", "function": function})


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Turns in an order that every chat could have."""
    turns: list[dict[str, Any]] = []
    if draw(st.booleans()):
        turns.append({"role": "system", "content": draw(texts)})
    for _ in range(draw(st.integers(1, 3))):
        turns.append({"role": "user", "content": draw(texts)})
        for _ in range(draw(st.integers(0, 2))):
            asked = draw(st.lists(calls, min_size=1, max_size=2))
            turns.append(
                {"role": "assistant", "content": draw(texts), "tool_calls": asked}
            )
            turns.extend({"role": "tool", "content": draw(texts)} for _ in asked)
        if draw(st.booleans()):
            turns.append({"role": "assistant", "content": draw(texts)})
    return turns
