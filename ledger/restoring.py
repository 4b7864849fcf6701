"""Restore a backup: into a new database first, which takes the place of the old one when its books are proven.

Until then nobody but the restore can enter it, so no entry is posted before the tail is sealed and a new epoch is open.
"""

import contextlib
import dataclasses
import datetime
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from ledger.backup import Books, Manifest, read_manifest, sha256_of
from ledger.catalogue import missing_guards
from ledger.dump_programs import BackupRefused, Progress, connect, find_program, run_program
from ledger.verification import Finding, verify_company
from tenants.models import Company

_ALIAS = "restored"
_MAINTENANCE = "postgres"


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restore: the database that holds the backup, what is wrong in it, and where the old one is."""

    manifest: Manifest
    database: str
    findings: tuple[Finding, ...]
    old_database: str


def restore(file: Path, *, replace: bool, progress: Progress) -> Restored:
    """Restore a backup, prove its books, and put the database in the place of the installation's own.

    What does not pass the proof is left beside it, under the name that the answer gives.
    """
    manifest = read_manifest(file)
    target = str(connections.databases["owner"]["NAME"])
    with connect(_MAINTENANCE) as connection:
        program = _refuse_what_cannot_work(connection, manifest, file, progress)
        occupied = _is_occupied(connection, target)
        if occupied and not replace:
            raise BackupRefused(
                "database_not_empty", f"{target} holds companies, people or foreign tables. --replace keeps it aside."
            )
        now = datetime.datetime.now(datetime.UTC)
        new, old = (f"{target[:32]}_{what}_{now:%Y%m%d_%H%M%S}" for what in ("restored", "before"))
        with _new_database(connection, new, manifest):
            _load(program, file, new, progress)
            findings = _make_ready(new, manifest, progress)
            _let_in(connection, new, manifest)
        if findings:
            return Restored(manifest, new, findings, "")
        connections.close_all()
        _swap(connection, new, target, old)
        if not occupied:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
    return Restored(manifest, target, (), old if occupied else "")


def _refuse_what_cannot_work(
    connection: psycopg.Connection, manifest: Manifest, file: Path, progress: Progress
) -> Path:
    """Everything that can be known before anything is touched; the answer is the program that will do it."""
    server = connection.info.server_version // 10000
    if server < manifest.postgres:
        raise BackupRefused(
            "server_too_old", f"The backup is of PostgreSQL {manifest.postgres}, the server is {server}."
        )
    known = MigrationLoader(None).disk_migrations
    names = {f"{app}.{name}" for app, name in known}
    if unknown := [m for m in manifest.migrations if m not in names and m.split(".")[0] in {app for app, _ in known}]:
        raise BackupRefused("backup_newer", f"The backup is of a later release of Daybook: it knows {unknown[0]}.")
    for kind, alias in (("owner", "owner"), ("runtime", "default")):
        if (ours := connections.databases[alias]["USER"]) != (theirs := getattr(manifest, kind)):
            raise BackupRefused("roles_differ", f"The backup's {kind} role is {theirs}, here it is {ours}.")
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [theirs]).rowcount:
            raise BackupRefused("role_missing", f"There is no role {theirs}: make it first (docs/deploy.md).")
    rights = "SELECT rolsuper OR rolcreatedb AND pg_has_role(%s, 'MEMBER') FROM pg_roles WHERE rolname = current_user"
    if connection.execute(rights, [manifest.owner]).fetchone() != (True,):
        raise BackupRefused(
            "rights_missing",
            f"{connection.info.user} needs CREATEDB and to be a member of {manifest.owner} (docs/deploy.md).",
        )
    program = find_program("pg_restore", max(manifest.program, manifest.postgres))
    progress("reading the file")
    if file.stat().st_size != manifest.size or sha256_of(file) != manifest.sha256:
        raise BackupRefused("backup_damaged", f"{file} is not what its manifest describes: cut off, or changed.")
    return program


def _is_occupied(connection: psycopg.Connection, database: str) -> bool:
    """Whether the installation's database holds companies or people, or the tables of somebody else."""
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
        return False
    with connect(database) as inside:
        rows = "SELECT FROM public.tenants_company UNION ALL SELECT FROM public.tenants_user LIMIT 1"
        if inside.execute("SELECT to_regclass('public.tenants_company')").fetchone() == (None,):
            rows = "SELECT FROM pg_stat_user_tables LIMIT 1"
        return inside.execute(rows).rowcount > 0


@contextlib.contextmanager
def _new_database(connection: psycopg.Connection, name: str, manifest: Manifest) -> Iterator[None]:
    """A database of the owner that nobody else can enter; gone again when the work fails."""
    owner, database = sql.Identifier(manifest.owner), sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
    try:
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        with connect(name) as inside:
            inside.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner))
            for extension in manifest.extensions:
                # Some are a superuser's to make. Where one is needed, the program says so.
                with contextlib.suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile):
                    inside.execute(sql.SQL("CREATE EXTENSION {} SCHEMA public").format(sql.Identifier(extension)))
        yield
    except BaseException:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        raise


def _load(program: Path, file: Path, database: str, progress: Progress) -> None:
    """Load the dump as the owner of its tables, in one transaction. Its order keeps the guards for last: rows first,
    then triggers and foreign keys, then row-level security; so it is not to be loaded by several workers."""
    listed = subprocess.run([program, "--list", file], capture_output=True, text=True, check=False)
    if listed.returncode:
        raise BackupRefused("backup_damaged", listed.stderr.strip())
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        lines = listed.stdout.splitlines(keepends=True)
        wanted.writelines(line for line in lines if " EXTENSION " not in line and " SCHEMA - public " not in line)
        wanted.flush()
        run_program(
            program, "--role", str(connections.databases["owner"]["USER"]), "--no-owner", "--no-tablespaces",
            "--single-transaction", "--exit-on-error", "--use-list", wanted.name, str(file), database=database,
            failure="restore_failed", progress=progress,
        )  # fmt: skip


def _make_ready(database: str, manifest: Manifest, progress: Progress) -> tuple[Finding, ...]:
    """Open the new epoch, bring the schema up to this release, and prove the books."""
    connections.databases[_ALIAS] = {**connections.databases["owner"], "NAME": database}
    try:
        companies = list(Company.objects.using(_ALIAS).order_by("slug").only("pk", "slug"))
        for company in companies:
            progress(f"sealing {company.slug}")
            _open_epoch(company, manifest)
        call_command("migrate", database=_ALIAS, verbosity=0)
        with connections[_ALIAS].cursor() as cursor:
            cursor.execute("ANALYZE")
        return tuple(_prove(companies, manifest, progress))
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS]
        del connections.databases[_ALIAS]


def _open_epoch(company: Company, manifest: Manifest) -> None:
    """Seal what was not sealed yet and begin the new epoch; the audit trail tells of it."""
    with transaction.atomic(using=_ALIAS), connections[_ALIAS].cursor() as cursor:
        for name, value in {"company_id": str(company.pk), "actor_type": "command", "actor_name": "restore"}.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
        cursor.execute(
            "SELECT public.tenants_note(%(company)s, 'act', 'ledger_sealstate', NULL, NULL, jsonb_build_object("
            "'restored_from', %(made_at)s::text, 'epoch', public.ledger_open_epoch(%(company)s)))",
            {"company": company.pk, "made_at": manifest.made_at},
        )


def _prove(companies: list[Company], manifest: Manifest, progress: Progress) -> Iterator[Finding]:
    """What `verify` finds, with the manifest's heads for anchors, and what is no longer as much as it was."""
    for guard in missing_guards(_ALIAS):
        yield Finding("", "", "guard_missing", guard, "not in the database")
    books = {one.company: one for one in manifest.companies}
    for slug in sorted(books.keys() ^ {company.slug for company in companies}):
        yield Finding(slug, "", "backup_complete", "company", "is not both in the manifest and in the database")
    for company in companies:
        progress(f"verifying {company.slug}")
        yield from _prove_company(company, books.get(company.slug, Books(company.slug, 0, 0, 0, "")))


def _prove_company(company: Company, expected: Books) -> list[Finding]:
    anchors = {expected.block: expected.hash} if expected.block else {}
    with transaction.atomic(using=_ALIAS), connections[_ALIAS].cursor() as cursor:
        cursor.execute("SELECT set_config('app.company_id', %s, true)", [str(company.pk)])
        findings = list(verify_company(company, anchors, using=_ALIAS))
        cursor.execute("SELECT count(*) FROM ledger_entryseal WHERE company_id = %s", [company.pk])
        (sealed,) = cursor.fetchone()
    if sealed != expected.entries:
        detail = f"{sealed} are sealed, the backup has {expected.entries}"
        findings.append(Finding(company.slug, "", "backup_complete", "entries", detail))
    return findings


def _let_in(connection: psycopg.Connection, database: str, manifest: Manifest) -> None:
    """Give the runtime role the one right on a database that it needs."""
    right = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
    connection.execute(right.format(sql.Identifier(database), sql.Identifier(manifest.runtime)))


def _swap(connection: psycopg.Connection, new: str, target: str, old: str) -> None:
    """Put the new database in the place of the old one, which is kept beside it, in one transaction."""
    names = {name: sql.Identifier(name) for name in (new, target, old)}
    kept = target
    there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [target]).rowcount > 0
    try:
        if there:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(names[target]))
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = %s AND usesysid IS NOT NULL", [target],
            )  # fmt: skip
        with connection.transaction():
            if there:
                connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(names[target], names[old]))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(names[new], names[target]))
        kept = old
    except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege) as error:
        raise BackupRefused(
            "database_in_use",
            f"{error.diag.message_primary}. The restored and proven books are in the database {new}: "
            "stop Daybook and rename it, or drop it and restore again.",
        ) from error
    finally:
        if there:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(names[kept]))
