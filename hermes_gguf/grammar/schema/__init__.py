"""JSON Schema understood: from its keywords to sets of values, and from those to rules.

`documents` and `nodes` read, `scalars` and `conjunctions` turn keywords into sets,
`object_shapes` and `array_shapes` put facts together, `*_rules` print them as GBNF.
"""
