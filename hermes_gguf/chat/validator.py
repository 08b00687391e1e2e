"""jsonschema's validator, with ECMA's patterns, and without a way to the network.

Patterns are matched by automata, which take no longer than the text is long; what is
more than regular is left to Python's `re`, which may take for ever, as other keywords
may: whoever does not trust a schema has `apart` do this. It knows no tools.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ..errors import SchemaError, UnsupportedSchemaError
from ..grammar.regular import Language, LanguageError
from ..json_pointer import escape_token

if TYPE_CHECKING:
    import jsonschema
    from jsonschema import ValidationError

#: Hears of a keyword, with its JSON pointer, before it may take long.
OnSlow: TypeAlias = Callable[[str, str], None]
_Keyword: TypeAlias = Callable[[Any, Any, Any, Any], "Iterator[ValidationError]"]

#: Keywords that match patterns by themselves, or compare each item with each other.
_SLOW = ("unevaluatedProperties", "uniqueItems")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def find_problem(
    value: Any, schema: Any, *, on_slow: OnSlow = lambda pointer, keyword: None
) -> str:
    """Why `value` breaks `schema`, in one sentence; empty when it does not.

    Args:
        value: What is judged.
        schema: What it must obey.
        on_slow: See `OnSlow`.

    Raises:
        SchemaError: `schema` is no JSON Schema.
        UnsupportedSchemaError: it is one that the validator cannot judge by.
    """
    return SchemaValidator(schema, on_slow=on_slow).problem(value)


class SchemaValidator:
    """Says why values break one schema.

    Args:
        schema: The schema.
        on_slow: See `OnSlow`.

    Raises:
        SchemaError: it is no JSON Schema.
    """

    def __init__(
        self, schema: Any, *, on_slow: OnSlow = lambda pointer, keyword: None
    ) -> None:
        import jsonschema
        from jsonschema_specifications import REGISTRY

        kind = _draft_of(schema)
        try:
            # Without its formats: a "regex" is Python's there.
            kind.check_schema(schema, format_checker=None)
        except jsonschema.SchemaError as error:
            raise _no_schema(error) from error
        except RecursionError as error:
            raise _beyond("", "schema", "it is nested too deeply") from error
        self._on_slow = on_slow
        self._places = dict(_places(schema))
        self._languages: dict[str, Language | None] = {}
        known, extend = kind.VALIDATORS, cast(Any, jsonschema.validators.extend)
        keywords = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional(known["additionalProperties"]),
            **{
                name: self._named(name, known[name])
                for name in (*_SLOW, *_REFERENCES)
                if name in known
            },
        }
        # Any other registry fetches what it does not have.
        self._validator = extend(kind, keywords)(
            schema, registry=REGISTRY, format_checker=kind.FORMAT_CHECKER
        )

    def problem(self, value: Any) -> str:
        """Why the value breaks the schema, in one sentence; empty when it does not.

        Raises:
            UnsupportedSchemaError: the validator does not understand the schema.
        """
        import jsonschema

        try:
            worst = jsonschema.exceptions.best_match(self._validator.iter_errors(value))
        except RecursionError as error:
            raise _beyond("", "schema", "it goes on without an end") from error
        except (OverflowError, ValueError) as error:
            raise _beyond("", "schema", str(error)) from error
        if worst is None:
            return ""
        where = "/".join(map(str, worst.absolute_path))
        return f"{where}: {worst.message}" if where else str(worst.message)

    def _pattern(
        self, validator: Any, pattern: str, instance: Any, schema: Any
    ) -> Iterator[ValidationError]:
        from jsonschema import ValidationError

        if validator.is_type(instance, "string"):
            if not self._matches(pattern, instance, schema, "pattern"):
                yield ValidationError(f"{instance!r} does not match {pattern!r}")

    def _pattern_properties(
        self, validator: Any, patterns: Any, instance: Any, schema: Any
    ) -> Iterator[ValidationError]:
        if not validator.is_type(instance, "object"):
            return
        for pattern, below in patterns.items():
            for key, value in instance.items():
                if self._matches(pattern, key, schema, "patternProperties"):
                    yield from validator.descend(
                        value, below, path=key, schema_path=pattern
                    )

    def _additional(self, plain: _Keyword) -> _Keyword:
        """Ours where there are patterns, and else the validator's own."""

        def judge(
            validator: Any, below: Any, instance: Any, schema: Any
        ) -> Iterator[ValidationError]:
            found = self._unmatched if "patternProperties" in schema else plain
            yield from found(validator, below, instance, schema)

        return judge

    def _unmatched(
        self, validator: Any, below: Any, instance: Any, schema: Any
    ) -> Iterator[ValidationError]:
        from jsonschema import ValidationError

        if not validator.is_type(instance, "object"):
            return
        named = schema.get("properties", {})
        for key, value in instance.items():
            if key in named or any(
                self._matches(pattern, key, schema, "patternProperties")
                for pattern in schema["patternProperties"]
            ):
                continue
            if below is False:
                yield ValidationError(f"{key!r} is no property, and fits no pattern")
            else:
                yield from validator.descend(value, below, path=key)

    def _named(self, name: str, keyword: _Keyword) -> _Keyword:
        """The validator's own keyword, which is named when it fails or is slow."""
        from jsonschema.exceptions import UnknownType
        from referencing.exceptions import Unresolvable

        # How it fails at what a reference leads to, which nothing has checked.
        no_schema = (AttributeError, LookupError, TypeError, ValueError, UnknownType)

        def named(
            validator: Any, said: Any, instance: Any, schema: Any
        ) -> Iterator[ValidationError]:
            pointer = self._where(schema, name)
            if name in _SLOW:
                self._on_slow(pointer, name)
            try:
                yield from keyword(validator, said, instance, schema)
            except re.error as error:
                raise _beyond(pointer, name, f"a pattern: {error}") from error
            except Unresolvable as error:
                raise _beyond(pointer, name, f"{error.ref} is not here") from error
            except no_schema as error:
                if name not in _REFERENCES:
                    raise
                raise _beyond(pointer, name, f"{said} leads to no schema") from error

        return named

    def _matches(self, pattern: str, text: str, schema: Any, keyword: str) -> bool:
        """Whether the pattern is found in the text."""
        language = self._language(pattern)
        if language is not None:
            return language.contains(text)
        pointer = self._where(schema, keyword)
        self._on_slow(pointer, keyword)
        try:
            return re.search(pattern, text) is not None
        except re.error as error:
            raise _beyond(pointer, keyword, f"{pattern!r}: {error}") from error

    def _language(self, pattern: str) -> Language | None:
        if pattern not in self._languages:
            try:
                self._languages[pattern] = Language.from_pattern(pattern)
            except LanguageError:
                self._languages[pattern] = None
        return self._languages[pattern]

    def _where(self, schema: Any, keyword: str) -> str:
        return f"{self._places.get(id(schema), '')}/{keyword}"


def _draft_of(schema: Any) -> Any:
    """The validator's class for the draft that the schema names, or for the newest."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    try:
        return validator_for(schema, default=Draft202012Validator)
    except (AttributeError, TypeError, ValueError):
        return Draft202012Validator  # which says what is wrong with the name


def _no_schema(error: jsonschema.SchemaError) -> SchemaError:
    steps = list(error.absolute_path)
    pointer = "".join(f"/{escape_token(step)}" for step in steps)
    keyword = next((step for step in reversed(steps) if isinstance(step, str)), "")
    return SchemaError(error.message, pointer=pointer, keyword=keyword or "schema")


def _beyond(pointer: str, keyword: str, why: str) -> UnsupportedSchemaError:
    return UnsupportedSchemaError(
        f"the validator cannot judge by it: {why}", pointer=pointer, keyword=keyword
    )


def _places(schema: Any) -> Iterator[tuple[int, str]]:
    """The JSON pointer of each object in the schema, by its identity."""
    left = [(schema, "")] if isinstance(schema, Mapping) else []
    while left:
        at, pointer = left.pop()
        if isinstance(at, Mapping):
            yield id(at), pointer
        keys = at if isinstance(at, Mapping) else range(len(at))
        for key in keys:
            if isinstance(at[key], Mapping | list):
                left.append((at[key], f"{pointer}/{escape_token(key)}"))
