"""Schema documents: base URIs, anchors and references, local and foreign.

Answers one question: which node does this reference mean, seen from that node? It
never fetches anything: documents from elsewhere come from the caller's registry, and
the drafts' own metaschemas are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from ...errors import UnsupportedSchemaError
from ...json_pointer import escape_token, split_pointer, step_into
from .dialects import (
    DRAFT_2020,
    UNSTATED,
    Dialect,
    dialect_of_metaschema,
    find_dialect,
)
from .nodes import REFERENCES, RELAXED, Node, endless
from .sharing import Contents

#: URI → schema for references that lead out of the document.
SchemaRegistry = Mapping[str, Any] | Callable[[str], Any]


@dataclass(slots=True, eq=False)
class Resource:
    """A schema with a base URI of its own: a document, or a part with an `$id`.

    Attributes:
        uri: The base URI, without a fragment; may be empty.
        contents: The JSON value.
        pointer: Where it stands in its document, as it is shown to the reader.
        anchors: Name → (value, pointer) for `$anchor` and its relatives.
        dynamic_anchors: The names among them that `$dynamicRef` may jump to.
    """

    uri: str
    contents: Any
    pointer: str
    dialect: Dialect
    anchors: dict[str, tuple[Any, str]] = field(default_factory=dict)
    dynamic_anchors: set[str] = field(default_factory=set)

    @property
    def is_recursive_anchor(self) -> bool:
        """Whether 2019-09's `$recursiveRef` may jump here."""
        contents = self.contents
        return isinstance(contents, dict) and contents.get("$recursiveAnchor") is True


class Library:
    """All documents of one compilation, and the nodes made from them so far.

    Args:
        schema: The root schema.
        registry: For references that lead out of the document.
        relaxed: Pointers of keywords that are left to a later check.
        shared: Whether schemas that say the same become one node, which then shows
            the place where the first of them stands.
    """

    def __init__(
        self,
        schema: Any,
        *,
        registry: SchemaRegistry | None = None,
        relaxed: frozenset[str] = frozenset(),
        shared: bool = True,
    ) -> None:
        # What is relaxed, is relaxed at one place only.
        self._contents = Contents() if shared and not relaxed else None
        self.registry = registry
        self.relaxed = relaxed
        self.resources: dict[str, Resource] = {}
        self._by_contents: dict[int, Resource] = {}
        self._nodes: dict[tuple[object, ...], Node] = {}
        self._resolved: dict[tuple[Node, str], Node] = {}
        self._followed: dict[Node, Node] = {}
        self._tracks_scope = registry is not None
        dialect = UNSTATED
        if isinstance(schema, dict) and "$schema" in schema:
            dialect = self._dialect_named(schema["$schema"]) or DRAFT_2020
        self.top = self._add_document("", schema, "", dialect)
        self._synthetic = Resource("", True, "", UNSTATED)
        self._made_up: dict[str, Node] = {}
        #: The schema True; denied, it is the schema False.
        self.anything = self.synthetic(True, "")
        self.root = self._node(self.top, schema, "", ())

    def forget(self) -> None:
        """Let go of all nodes, which know the library: without circles all is freed."""
        for known in (self._nodes, self._resolved, self._followed, self._made_up):
            known.clear()
        del self.root, self.anything

    def _add_document(
        self, uri: str, schema: Any, pointer: str, dialect: Dialect
    ) -> Resource:
        resource = Resource(uri, schema, pointer, dialect)
        self.resources.setdefault(uri, resource)
        self._by_contents[id(schema)] = resource
        if isinstance(schema, dict):
            self._read_identity(schema, pointer, resource)
        if not _names_parts(schema):
            return resource
        stack: list[tuple[Any, str, Resource]] = [(schema, pointer, resource)]
        while stack:
            value, here, owner = stack.pop()
            if isinstance(value, dict):
                owner = self._read_identity(value, here, owner)
                for key, child in value.items():
                    if key not in ("enum", "const") and isinstance(child, _NESTED):
                        stack.append((child, f"{here}/{escape_token(key)}", owner))
            elif isinstance(value, list):
                for i, child in enumerate(value):
                    if isinstance(child, _NESTED):
                        stack.append((child, f"{here}/{i}", owner))
        return resource

    def _read_identity(self, value: Any, here: str, owner: Resource) -> Resource:
        dialect = find_dialect(value.get("$schema")) or owner.dialect
        name = value.get(dialect.id_keyword)
        hidden = dialect.ref_hides_siblings and "$ref" in value
        if isinstance(name, str) and not hidden:
            uri, fragment = _join(owner.uri, name)
            if uri:
                if value is owner.contents:
                    owner.uri = uri
                else:
                    owner = Resource(uri, value, here, dialect)
                    self._by_contents[id(value)] = owner
                self.resources.setdefault(uri, owner)
            if fragment:
                owner.anchors.setdefault(fragment, (value, here))
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = value.get(keyword)
            if isinstance(anchor, str):
                owner.anchors.setdefault(anchor, (value, here))
                if keyword == "$dynamicAnchor":
                    owner.dynamic_anchors.add(anchor)
        if "$dynamicRef" in value or "$recursiveRef" in value:
            self._tracks_scope = True
        return owner

    def _node(
        self, resource: Resource, raw: Any, pointer: str, scope: tuple[Resource, ...]
    ) -> Node:
        if self._tracks_scope and resource not in scope:
            scope = (*scope, resource)
        content: object = pointer
        if self._contents is not None:
            if isinstance(raw, dict):
                content = self._contents.number(raw)
            elif isinstance(raw, bool):
                content = raw
        key = (content, resource, scope)
        node = self._nodes.get(key)
        if node is None:
            node = Node(
                raw, pointer=pointer, resource=resource, scope=scope, library=self
            )
            self._nodes[key] = node
        return node

    def descend(self, node: Node, path: tuple[str | int, ...]) -> Node:
        """The subschema at `path` below `node`."""
        value: Any = node.keywords
        pointer = node.pointer
        for token in path:
            value = value[token]
            pointer += "/" + escape_token(token)
        resource = node.resource
        if isinstance(value, dict):
            resource = self._by_contents.get(id(value), resource)
        return self._node(resource, value, pointer, node.scope)

    def synthetic(self, schema: Any, pointer: str) -> Node:
        """A node for a schema that the compiler made up, shown as `pointer`."""
        key = f"{pointer}/="
        if key not in self._made_up:
            self._made_up[key] = Node(
                schema,
                pointer=key,
                resource=self._synthetic,
                scope=(),
                library=self,
            )
        return self._made_up[key]

    def resolve(self, node: Node, keyword: str) -> Node:
        """The node that a reference keyword of `node` means.

        Raises:
            UnsupportedSchemaError: it leads nowhere, or out of the known documents.
        """
        known = self._resolved.get((node, keyword))
        if known is None:
            known = self._resolved[node, keyword] = self._resolve(node, keyword)
        return known

    def follow(self, node: Node) -> Node:
        """The node itself; or, when it is nothing but a reference, where that leads.

        Raises:
            UnsupportedSchemaError: it leads nowhere, or back to itself.
        """
        keyword = _only_reference(node)
        if keyword is None:
            return node
        known = self._followed.get(node)
        if known is None:
            known = self._followed[node] = self._follow_chain(node)
        return known

    def _follow_chain(self, node: Node) -> Node:
        seen = {node}
        while (keyword := _only_reference(node)) is not None:
            node = self.resolve(node, keyword)
            if node in seen:
                raise endless(node, keyword)
            seen.add(node)
        return node

    def _resolve(self, node: Node, keyword: str) -> Node:
        assert node.keywords is not None
        reference = node.keywords[keyword]
        resource, fragment = self._find_resource(node, keyword, reference)
        if keyword == "$recursiveRef" and resource.is_recursive_anchor:
            resource = next((r for r in node.scope if r.is_recursive_anchor), resource)
        elif keyword == "$dynamicRef" and fragment in resource.dynamic_anchors:
            resource = next(
                (r for r in node.scope if fragment in r.dynamic_anchors), resource
            )
        if fragment == "" or fragment.startswith("/"):
            owner, value, pointer = self._follow(resource, fragment, node, keyword)
        elif fragment in resource.anchors:
            value, pointer = resource.anchors[fragment]
            owner = self._by_contents.get(id(value), resource)
        else:
            raise _lost(node, keyword, reference)
        return self._node(owner, value, pointer, node.scope)

    def _find_resource(
        self, node: Node, keyword: str, reference: str
    ) -> tuple[Resource, str]:
        if reference.startswith("#"):
            return node.resource, unquote(reference[1:])
        uri, fragment = _join(node.resource.uri, reference)
        fragment = unquote(fragment)
        if not uri:
            return node.resource, fragment
        resource = self.resources.get(uri) or self._load(uri)
        if resource is None:
            raise UnsupportedSchemaError(
                f"{reference} is in another document",
                pointer=node.where(keyword),
                keyword=keyword,
                hint="pass the other document in the registry",
            )
        return resource, fragment

    def _dialect_named(self, uri: object) -> Dialect | None:
        """The draft of this name, or what the caller's metaschema makes of one."""
        found = find_dialect(uri)
        if found is None and isinstance(uri, str):
            return dialect_of_metaschema(self._registered(uri.rstrip("#")))
        return found

    def _registered(self, uri: str) -> Any:
        if callable(self.registry):
            return self.registry(uri)
        return None if self.registry is None else self.registry.get(uri)

    def _load(self, uri: str) -> Resource | None:
        contents = self._registered(uri)
        if contents is None:
            contents = _metaschema(uri)
        if contents is None:
            return None
        dialect = self.top.dialect
        if isinstance(contents, dict):
            dialect = find_dialect(contents.get("$schema")) or dialect
        resource = self._add_document(uri, contents, f"{uri}#", dialect)
        self.resources[uri] = resource
        return resource

    def _follow(
        self, resource: Resource, fragment: str, node: Node, keyword: str
    ) -> tuple[Resource, Any, str]:
        value, pointer = resource.contents, resource.pointer
        for token in split_pointer(fragment):
            try:
                value = step_into(value, token)
            except LookupError as error:
                raise _lost(node, keyword, f"#{fragment}") from error
            pointer += "/" + escape_token(token)
            if isinstance(value, dict):
                resource = self._by_contents.get(id(value), resource)
        return resource, value, pointer


def _only_reference(node: Node) -> str | None:
    """The reference that is the node's only keyword, if it is so."""
    keywords = node.keywords
    if keywords is None or len(keywords) != 1:
        return None
    keyword = next(iter(keywords))
    is_plain = keyword in REFERENCES and keywords[keyword] is not RELAXED
    return keyword if is_plain else None


#: Keywords that name a part of a document, or lead to one by its name.
_NAMING = frozenset("$id id $anchor $dynamicAnchor $dynamicRef $recursiveRef".split())
#: The values that may hold schemas. (Asked so often that `dict | list` is too slow.)
_NESTED = (dict, list)


def _names_parts(schema: Any) -> bool:
    """Whether any place but the root may have a name, so that all must be looked at."""
    pending: list[Any] = [schema] if isinstance(schema, dict) else []
    for value in pending:  # grows while it is read
        inside = value
        if isinstance(value, dict):
            inside = value.values()
            if not _NAMING.isdisjoint(value) and value is not schema:
                if any(isinstance(value[k], str) for k in _NAMING.intersection(value)):
                    return True
        pending += [v for v in inside if isinstance(v, _NESTED)]
    return False


def _join(base: str, reference: str) -> tuple[str, str]:
    """The document that is meant, "" for the one at hand, and the place in it.

    What is no URI stands for itself: no document has that name.
    """
    try:
        document, fragment = urldefrag(reference)
        return urljoin(base, document) if document else "", fragment
    except ValueError:
        return reference, ""


def _lost(node: Node, keyword: str, reference: str) -> UnsupportedSchemaError:
    return UnsupportedSchemaError(
        f"nothing is at {reference}", pointer=node.where(keyword), keyword=keyword
    )


def _metaschema(uri: str) -> Any:
    from jsonschema_specifications import REGISTRY

    for candidate in (uri, f"{uri}#"):
        if candidate in REGISTRY:
            return REGISTRY[candidate].contents
    return None
