"""One view under several addresses, each with an operation of its own in the API's description."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view


def described(view: Any, name: str, **operations: tuple[str, str]) -> Any:
    """A view of its own with the operations named: method -> (operation id, summary)."""
    own = type(name, (view,), {"__doc__": view.__doc__})
    named = {
        method: extend_schema(operation_id=operation, summary=summary)
        for method, (operation, summary) in operations.items()
    }
    return extend_schema_view(**named)(own)


def acts_of(acts: Mapping[str, tuple[Any, str]], path: str, noun: str, **fields: Any) -> dict[str, Any]:
    """The acts on one kind of thing, by their address: view and verb -> a view of its own with these fields."""
    found = {}
    name = path.replace("-", "_")
    for act, (view, verb) in acts.items():
        own = described(
            view, f"{name.title()}{view.__name__}", post=(f"{name}_{act.replace('-', '_')}", f"{verb} {noun}")
        )
        for field, value in fields.items():
            setattr(own, field, value)
        found[act] = own
    return found
