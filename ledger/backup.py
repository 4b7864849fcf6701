"""Back the whole installation up: one consistent dump in PostgreSQL's own format, and a manifest of what it holds."""

import contextlib
import dataclasses
import datetime
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from ledger.dump_programs import BackupRefused, Progress, connect, find_program, major_version, run_program

FORMAT = 1

_BOOKS = """
  SELECT c.slug, (SELECT count(*) FROM public.ledger_entry e WHERE e.company_id = c.id),
    (SELECT count(*) FROM public.ledger_entryseal x WHERE x.company_id = c.id),
    coalesce(b.number, 0), coalesce(encode(b.hash, 'hex'), '')
  FROM public.tenants_company c
  LEFT JOIN LATERAL (
    SELECT number, hash FROM public.ledger_block WHERE company_id = c.id ORDER BY number DESC LIMIT 1) b ON true
  ORDER BY c.slug"""


@dataclasses.dataclass(frozen=True, slots=True)
class Books:
    """What a backup holds of one company: how many entries, how many of them sealed, and the head of its chain."""

    company: str
    entries: int
    sealed: int
    block: int
    hash: str


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of, so that a restore can compare."""

    made_at: str
    postgres: int
    program: int
    owner: str
    runtime: str
    extensions: tuple[str, ...]
    migrations: tuple[str, ...]
    companies: tuple[Books, ...]
    size: int = 0
    sha256: str = ""
    format: int = FORMAT


def back_up(file: Path, progress: Progress) -> Manifest:
    """Dump the database to a new file and write its manifest beside it. An interrupted backup leaves no file."""
    database = str(connections.databases["owner"]["NAME"])
    with connect(database) as connection, _partial(file) as part:
        _refuse_bound_role(connection)
        program = find_program("pg_dump", connection.info.server_version // 10000)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        manifest = _look(connection, major_version(program))
        run_program(
            program, "--format=custom", f"--snapshot={snapshot}", "--no-publications", "--no-subscriptions",
            f"--file={part}", database=database, failure="dump_failed", progress=progress,
        )  # fmt: skip
        connection.execute("COMMIT")
        manifest = dataclasses.replace(manifest, size=part.stat().st_size, sha256=sha256_of(part))
        _write(manifest_of(file), manifest)
        # Last: a backup that bears its name is whole and has its manifest.
        part.rename(file)
        _sync(file.parent)
    return manifest


def manifest_of(file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return file.with_name(f"{file.name}.json")


def read_manifest(file: Path) -> Manifest:
    """The manifest beside a backup."""
    path = manifest_of(file)
    for needed in (file, path):
        if not needed.is_file():
            raise BackupRefused("backup_missing", f"There is no file {needed}.")
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        companies = tuple(Books(**books) for books in fields.pop("companies"))
        for name in ("extensions", "migrations"):
            fields[name] = tuple(fields[name])
        manifest = Manifest(companies=companies, **fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused("manifest_unreadable", f"{path} is not the manifest of a backup: {error}") from error
    if manifest.format != FORMAT:
        raise BackupRefused("manifest_unreadable", f"{path} has format {manifest.format}; known is {FORMAT}.")
    return manifest


def sha256_of(file: Path) -> str:
    """The hash of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def _partial(file: Path) -> Iterator[Path]:
    """The name that a backup bears while it is written, readable for nobody else; gone when the work fails."""
    part = file.with_name(f"{file.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupRefused("folder_unwritable", f"{part}: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            if file.exists():
                raise BackupRefused("file_exists", f"{file} is there already, and a backup is not written over.")
            yield part
        finally:
            part.unlink(missing_ok=True)
    except BlockingIOError as error:
        raise BackupRefused("backup_under_way", f"Somebody else is writing {part}.") from error
    finally:
        os.close(handle)


def _refuse_bound_role(connection: psycopg.Connection) -> None:
    if not _one(connection, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"):
        raise BackupRefused(
            "rights_missing",
            f"The role {connection.info.user} is bound by row-level security: it would not see every company. "
            "It needs BYPASSRLS (docs/deploy.md).",
        )


def _look(connection: psycopg.Connection, program: int) -> Manifest:
    """What the snapshot of this transaction holds."""
    extensions = connection.execute(
        "SELECT extname FROM pg_extension WHERE extnamespace = 'public'::regnamespace ORDER BY extname"
    )
    migrations = connection.execute("SELECT app || '.' || name FROM public.django_migrations ORDER BY id")
    return Manifest(
        made_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        postgres=connection.info.server_version // 10000,
        program=program,
        owner=str(connections.databases["owner"]["USER"]),
        runtime=str(connections.databases["default"]["USER"]),
        extensions=tuple(name for (name,) in extensions),
        migrations=tuple(name for (name,) in migrations),
        companies=tuple(Books(*row) for row in connection.execute(_BOOKS)),
    )


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _write(path: Path, manifest: Manifest) -> None:
    new = path.with_name(f"{path.name}.part")
    with new.open("w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _sync(folder: Path) -> None:
    """Make the new names survive a loss of power; the contents are on disk already."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
