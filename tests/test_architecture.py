"""The house holds: arrows, lengths, names, and the door to rows.

Where rows of several companies are meant, a comment `cross-company: why` stands on the line or above it.
"""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ARROWS = {
    "tenants": set(),
    "jobs": {"tenants"},
    "accounting": {"tenants", "jobs"},
    "ledger": {"tenants", "jobs", "accounting"},
    "invoicing": {"tenants", "jobs", "accounting", "ledger"},
    "reports": {"tenants", "jobs", "accounting", "ledger", "invoicing"},
}
NO_SUCH_NAMES = {"utils", "helpers", "services", "selectors", "common", "core", "misc"}
DOORS = {"for_company", "create", "bulk_create", "get_or_create", "update_or_create", "none", "own"}
MODULES = sorted(
    path for folder in (*ARROWS, "config") for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported_apps(tree: ast.AST) -> set[str]:
    """The apps that a module imports, except for type checking alone."""
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found & set(ARROWS)


def test_an_app_imports_only_what_stands_to_its_left():
    wrong = {}
    for path in MODULES:
        app = path.relative_to(ROOT).parts[0]
        if app != "config":
            wrong[name_of(path)] = imported_apps(tree_of(path)) - ARROWS[app] - {app}
    assert not {name: imported for name, imported in wrong.items() if imported}


def too_long(path: Path) -> Iterator[str]:
    """What of a module has more lines than it may."""
    lines = len(path.read_text().splitlines())
    if lines > 300:
        yield f"{name_of(path)} has {lines} lines"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            length = (node.end_lineno or first) - first + 1
            if length > 40:
                yield f"{name_of(path)}: {node.name} has {length} lines"


def test_a_module_has_at_most_300_lines_and_its_functions_40():
    assert not [found for path in MODULES for found in too_long(path)]


def test_a_module_is_named_after_its_act():
    assert not [name_of(path) for path in MODULES if path.stem in NO_SUCH_NAMES]


def test_every_public_function_has_a_docstring_in_the_apps():
    missing = []
    for path in MODULES:
        if path.stem in ("apps", "urls", "api_urls", "admin", "models") or "commands" in path.parts:
            continue
        missing += [
            f"{name_of(path)}:{node.name}"
            for node in tree_of(path).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    assert not missing


def company_models() -> set[str]:
    from tenants.fields import CompanyModel

    return {model.__name__ for model in apps.get_models() if issubclass(model, CompanyModel)}


def rows_past_their_company(path: Path, names: set[str]) -> list[str]:
    """Where a module takes rows of such models by another door than their company."""
    lines = path.read_text().splitlines()
    return [
        f"{name_of(path)}:{node.lineno}: {node.value.value.id}.objects.{node.attr}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id in names
        and node.attr not in DOORS
        and not any("cross-company:" in line for line in lines[max(0, node.lineno - 3) : node.lineno])
    ]


def test_rows_are_reached_through_their_company():
    names = company_models()
    assert len(names) > 50
    assert not [found for path in MODULES for found in rows_past_their_company(path, names)]


def test_no_unfinished_marks():
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error()")
    assert not [name_of(path) for path in MODULES if any(mark in path.read_text() for mark in marks)]
