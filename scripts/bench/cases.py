"""What is written in the measurements: calls, a record, and the prompts before them.

The calls are the model card's and twenty of the Berkeley leaderboard, where its files
lie beside the checkout; else a small list of our own. Pure: texts, tools and values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hermes_gguf.messages import Message, Tool, UserMessage
from hermes_gguf.tags import TOOL_CALL_CLOSE, TOOL_CALL_OPEN

SHARED = Path(__file__).resolve().parents[3] / "shared" / "bfcl"


@dataclass(frozen=True)
class CallCase:
    """A question, the functions on offer, and the call that answers it."""

    name: str
    question: str
    tools: tuple[Tool, ...]
    called: str
    arguments: Mapping[str, Any]

    @property
    def messages(self) -> list[Message]:
        return [UserMessage(self.question)]

    @property
    def target(self) -> str:
        """The call as a trained model writes it."""
        call = {"name": self.called, "arguments": self.arguments}
        text = json.dumps(call, ensure_ascii=False)
        return f"{TOOL_CALL_OPEN}\n{text}\n{TOOL_CALL_CLOSE}"

    def narrowed_tools(self) -> tuple[Tool, ...]:
        """The called function alone, its values bounded to the length of the answer's.

        Random weights would never end a string by themselves.
        """
        (tool,) = [tool for tool in self.tools if tool.name == self.called]
        parameters = _narrowed(dict(tool.parameters), self.arguments)
        return (Tool(tool.name, tool.description, parameters),)


def _narrowed(schema: Mapping[str, Any], value: Any) -> dict[str, Any]:
    if "enum" in schema or "const" in schema:
        return dict(schema)
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, str):
        return {"type": "string", "minLength": len(value), "maxLength": len(value)}
    if isinstance(value, int | float):
        digits = len(str(int(abs(value))))
        return {"type": "integer", "minimum": 10 ** (digits - 1) if digits > 1 else 0,
                "maximum": 10**digits - 1}  # fmt: skip
    if isinstance(value, Mapping):
        inner = schema.get("properties", {})
        fields = {k: _narrowed(inner.get(k, {}), v) for k, v in value.items()}
        return {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
    items = [_narrowed(schema.get("items", {}), item) for item in value]
    n_items = len(items)
    return {"type": "array", "prefixItems": items, "minItems": n_items,
            "maxItems": n_items, "items": False}  # fmt: skip


CARD = CallCase(
    "card",
    "Hey, what's the temperature in Paris right now?",
    (
        Tool(
            "get_current_temperature",
            "Get the current temperature at a location.",
            {
                "type": "object",
                "properties": {
                    "location": {
                        "type": "string",
                        "description": 'The location, in the format "City, Country"',
                    },
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["location", "unit"],
            },
        ),
    ),
    "get_current_temperature",
    {"location": "Paris, France", "unit": "celsius"},
)


def call_cases(limit: int) -> list[CallCase]:
    """`limit` cases of the leaderboard, or as many as there are of our own."""
    if (SHARED / "possible_answer").is_dir():
        simple, multiple = (
            list(_leaderboard(c)) for c in ("simple_python", "multiple")
        )
        half = limit // 2
        return multiple[:: len(multiple) // (limit - half)][: limit - half] + (
            simple[:: len(simple) // half][:half] if half else []
        )
    return OWN[:limit]


def _leaderboard(category: str) -> Iterator[CallCase]:
    # pytest comes with it, and shall not be part of a measured start.
    from tests.support.bfcl import json_schema

    name = f"BFCL_v4_{category}.json"
    answers = (SHARED / "possible_answer" / name).read_text().splitlines()
    for line, answer in zip(
        (SHARED / name).read_text().splitlines(), answers, strict=True
    ):
        row, truth = json.loads(line), json.loads(answer)["ground_truth"][0]
        ((called, options),) = truth.items()
        tools = tuple(
            Tool(f["name"], f["description"], json_schema(f["parameters"]))
            for f in {f["name"]: f for f in row["function"]}.values()
        )
        (tool,) = [tool for tool in tools if tool.name == called]
        needed = set(tool.parameters.get("required", ()))
        # An option "" means that the argument may be left out; so it is, if it may.
        arguments = {
            key: _first(options[key])
            for key in tool.parameters["properties"]
            if key in needed or "" not in options.get(key, [""])
        }
        yield CallCase(
            row["id"], row["question"][0][-1]["content"], tools, called, arguments
        )


def _first(options: Any) -> Any:
    """The first accepted value; inside of objects and arrays likewise."""
    value = next(option for option in options if option != "")
    if isinstance(value, dict):
        return {key: _first(inner) for key, inner in value.items() if "" not in inner}
    if isinstance(value, list):
        return [
            {k: _first(v) for k, v in item.items() if "" not in v}
            if isinstance(item, dict)
            else item
            for item in value
        ]
    return value


def _own(
    question: str, name: str, about: str, arguments: dict[str, Any], **properties: Any
) -> CallCase:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }
    tools = (Tool(name, about, parameters),)
    return CallCase(name, question, tools, name, arguments)


_TEXT, _NUMBER, _INT = {"type": "string"}, {"type": "number"}, {"type": "integer"}

OWN = [
    _own("Convert 250 euros to yen.", "convert_currency",
         "Convert an amount of money.",
         {"amount": 250, "from_currency": "EUR", "to_currency": "JPY"},
         amount=_NUMBER, from_currency=_TEXT, to_currency=_TEXT),
    _own("Remind me tomorrow at 9 to call Ms Ortega.", "create_reminder",
         "Create a reminder.",
         {"title": "call Ms Ortega", "day": "tomorrow", "hour": 9},
         title=_TEXT, day=_TEXT, hour={**_INT, "minimum": 0, "maximum": 23}),
    _own("Find three Italian restaurants in Lisbon.", "find_restaurants",
         "Find restaurants in a city.",
         {"city": "Lisbon", "cuisine": "Italian", "limit": 3},
         city=_TEXT, cuisine=_TEXT, limit=_INT),
    _own("Send Jonas the file report.pdf.", "send_file",
         "Send a file to a person.",
         {"recipient": "Jonas", "path": "report.pdf", "urgent": False},
         recipient=_TEXT, path=_TEXT, urgent={"type": "boolean"}),
    _own("What is 12.5 percent of 840?", "percentage_of",
         "A percentage of a number.", {"percent": 12.5, "number": 840},
         percent=_NUMBER, number=_NUMBER),
    _own("Play jazz at volume 30 in the kitchen.", "play_music",
         "Play music in a room.",
         {"genre": "jazz", "room": "kitchen", "volume": 30},
         genre=_TEXT, room=_TEXT, volume=_INT),
]  # fmt: skip


RECORD = {
    "tenant": "Maria Keller-Albuquerque",
    "landlord": "Northbridge Property Management Ltd",
    "street": "Rua das Flores 118, third floor",
    "city": "Lisbon",
    "contract_number": "NB-2024-77310-C",
    "start_date": "2024-09-01",
    "monthly_rent": "1,450 euros",
    "deposit": "2,900 euros",
    "contact_email": "contracts@northbridge-property.example",
    "notice_period": "three calendar months",
}
RECORD_SCHEMA = {
    "type": "object",
    "properties": {key: {"type": "string"} for key in RECORD},
    "required": list(RECORD),
    "additionalProperties": False,
}


def record_text() -> str:
    """About 600 tokens that hold every value of RECORD once, word for word."""
    r = RECORD
    return f"""Rental agreement, number {r["contract_number"]}.

This agreement is made between {r["landlord"]}, hereafter the landlord, and
{r["tenant"]}, hereafter the tenant. Both parties have read the rules of the house and
accept them. The landlord lets to the tenant the flat at {r["street"]}, in {r["city"]},
with two rooms, a kitchen, a bathroom with a window, and a cellar compartment that can
be locked. The flat is let unfurnished. A list of keys is attached; lost keys are
replaced at the cost of the person who lost them, and the lock is changed when the
landlord thinks it necessary for the safety of the other people in the house.

The tenancy begins on {r["start_date"]} and has no fixed end. Either party may end it
in writing; the notice period is {r["notice_period"]}, counted from the first day of
the month that follows the letter. A letter by electronic mail is enough when its
receipt was confirmed; the address for this is {r["contact_email"]}.

The monthly rent is {r["monthly_rent"]}, to be paid on the third working day of each
month. Water and the cleaning of the stairs are included; electricity and heating are
not, and the tenant concludes contracts for them within two weeks. As a deposit the
tenant pays {r["deposit"]} before the keys are handed over; it bears the usual
interest and is returned within sixty days after the flat was handed back in good
order. Small repairs up to a hundred in any single case are borne by the tenant,
provided that they concern parts which are used every day, such as taps, switches and
the blinds. Larger damage is to be reported at once, so that it does not grow.

Pets that live in a cage or in a tank are allowed. For a dog or a cat the consent of
the landlord is needed, which is given unless there is a good reason against it. Rest
is to be kept from ten in the evening until seven in the morning, and on Sundays. The
bicycle room may be used by everybody who lives in the house; the yard may not be used
for parking. The tenant may sublet one room after asking, and names the person who
moves in. Changes to the flat, such as a new floor or a wall that is taken out, need a
written agreement, which also says who pays for them and what becomes of them when the
tenancy ends. If one sentence of this agreement turns out to be void, the others stand.
"""


def preamble_tools(count: int) -> tuple[Tool, ...]:
    """Different functions with a parameter or two; about 80 tokens each in a prompt."""
    areas = ("orders", "invoices", "contacts", "calendar", "files", "tickets", "rooms")
    verbs = ("search", "create", "update", "delete", "export")
    tools = []
    for index in range(count):
        verb, area = verbs[index % len(verbs)], areas[index % len(areas)]
        tools.append(
            Tool(
                f"{verb}_{area}_{index}",
                f"{verb.capitalize()} {area} of department number {index}.",
                {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "description": "What to look for."},
                        "limit": {"type": "integer", "description": "At most so many."},
                    },
                    "required": ["query"],
                },
            )
        )
    return tuple(tools)
