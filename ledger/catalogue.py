"""The guards that must be in the database, compared with its catalogue; one that is gone, off or rewritten is named.

`guards.txt` lists them as the migrations made them, definitions included. After a migration that adds guards:
`UPDATE_AUTHORITY=1 pytest tests/constitution/test_authority.py tests/constitution/test_the_guards_are_listed.py`.
"""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

LIST = Path(__file__).with_name("guards.txt")


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """One thing in the catalogue that keeps a promise; `table` is empty for functions."""

    kind: str
    name: str
    table: str
    definition: str

    def __str__(self) -> str:
        return f"{self.kind}\t{self.name}\t{self.table}\t{self.definition}"

    @property
    def title(self) -> str:
        """How a finding names it."""
        if self.kind == "trigger":
            return f"trigger {self.name} on {self.table}"
        return f"{self.kind} {self.name}" if self.name else f"{self.kind} of {self.table}"


# Only our own tables; Django's and those of its apps keep no promise.
_OURS = """
  SELECT oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    AND relname !~ '^(auth|axes|django|pg)_'"""
_WHO = """CASE WHEN {who} = 0 THEN 'everybody' WHEN {who} = {owner} THEN 'owner'
  WHEN {who} = to_regrole(%(runtime)s) THEN 'runtime' ELSE {who}::regrole::text END"""
_QUERIES = (
    f"""SELECT 'trigger', t.tgname, c.relname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
      FROM pg_trigger t JOIN ({_OURS}) c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal""",
    f"""SELECT 'constraint', k.conname, c.relname, pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN ({_OURS}) c ON c.oid = k.conrelid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')""",
    f"""SELECT 'index', i.indexrelid::regclass::text, c.relname, pg_get_indexdef(i.indexrelid)
      FROM pg_index i JOIN ({_OURS}) c ON c.oid = i.indrelid WHERE i.indisunique AND i.indisvalid
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)""",
    f"""SELECT 'row-level security', '', c.relname,
        CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'forced' ELSE 'open' END
        || coalesce('; ' || string_agg(
          p.polname || ' ' || p.polcmd::text || CASE WHEN p.polpermissive THEN '' ELSE ' restrictive' END || ' to '
          || (SELECT string_agg({_WHO.format(who="r", owner="c.relowner")}, ', ' ORDER BY r) FROM unnest(p.polroles) r)
          || ' using ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '-')
          || ' check ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'), '; ' ORDER BY p.polname), '')
      FROM ({_OURS}) c LEFT JOIN pg_policy p ON p.polrelid = c.oid
      WHERE EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id')
      GROUP BY c.relname, c.relrowsecurity, c.relforcerowsecurity""",
    f"""SELECT 'rights', '', c.relname, coalesce(string_agg({_WHO.format(who="a.grantee", owner="c.relowner")} || ' '
          || a.privilege_type, ', ' ORDER BY a.grantee = 0, a.privilege_type), '-')
      FROM ({_OURS}) c LEFT JOIN LATERAL aclexplode(c.relacl) a ON a.grantee IN (0, to_regrole(%(runtime)s))
      GROUP BY c.relname""",
    f"""SELECT 'function', p.proname, '', '(' || pg_get_function_identity_arguments(p.oid) || ')'
          || CASE WHEN p.prosecdef THEN ' as its owner' ELSE '' END
          || coalesce(' set ' || array_to_string(p.proconfig, ' and '), '') || ' for ' || coalesce((
            SELECT string_agg({_WHO.format(who="a.grantee", owner="p.proowner")}, ', ' ORDER BY a.grantee)
            FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE a.grantee IN (0, to_regrole(%(runtime)s))), 'nobody')
      FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
)
_FUNCTION = re.compile(r"CREATE FUNCTION public\.(\w+)\s*\(.*?\$\$(.*?)\$\$", re.DOTALL)


def guards_in(using: str) -> list[Guard]:
    """Every guard of our tables and functions that the catalogue of a database shows."""
    runtime = {"runtime": settings.DATABASES["default"]["USER"]}
    found = []
    with connections[using].cursor() as cursor:
        for query in _QUERIES:
            cursor.execute(query, runtime)
            found += [
                Guard(kind, table, name, _spelt(definition)) for kind, table, name, definition in cursor.fetchall()
            ]
    return sorted(found, key=str)


def _spelt(definition: str) -> str:
    """A choice of texts in one spelling: a database that was dumped and restored has another."""
    short = re.sub(r"\(('[^']*')\)::text", r"\1", definition.replace("::character varying", ""))
    return re.sub(r"\(\((ARRAY\[[^]]*\])\)::text\[\]\)", r"(\1)", short)


def listed_guards() -> list[Guard]:
    """The guards as they were reviewed."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [Guard(*line.split("\t")) for line in lines if line and not line.startswith("#")]


def missing_guards(using: str) -> list[str]:
    """Triggers, constraints, functions, rights and row-level security that should be there and are not, or are
    switched off or changed; for functions, also whose bodies are not as the migrations made them."""
    found = set(guards_in(using))
    titles = [guard.title for guard in listed_guards() if guard not in found]
    return list(dict.fromkeys([*titles, *_changed_functions(using)]))


def _changed_functions(using: str) -> list[str]:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        found = dict(cursor.fetchall())
    return [f"function {name}" for name, body in dict(_functions()).items() if found.get(name) != body]


def _functions() -> Iterator[tuple[str, str]]:
    """Name and body of every function of the migrations, in their order."""
    graph = MigrationLoader(None).graph
    for target in graph.leaf_nodes():
        for node in graph.forwards_plan(target):
            for operation in graph.nodes[node].operations:
                if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
                    yield from _FUNCTION.findall(operation.sql)
