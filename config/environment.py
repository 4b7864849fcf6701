"""Typed readers of the environment: the only place that turns its text into values."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DAYBOOK_DATA", BASE_DIR / ".daybook"))


def text(name: str, default: str = "") -> str:
    """The variable, or the default where it is unset or empty."""
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on."""
    value = os.environ.get(name)
    return default if not value else value.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """A whole number."""
    return int(os.environ.get(name) or default)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's settings of one PostgreSQL connection, from a libpq URL or keyword string."""
    parts = conninfo_to_dict(url)
    known = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT", "dbname": "NAME"}
    options = {key: value for key, value in parts.items() if key not in known}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{name: str(parts.get(key) or "") for key, name in known.items()},
        "OPTIONS": options,
        "CONN_MAX_AGE": number("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        # Transaction-mode poolers hand every transaction another session.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def embedded_database_url(role: str) -> str:
    """The URL under which `make run` offers its own PostgreSQL, so that manage.py finds it too."""
    noted = DATA_DIR / "postgres-socket-dir.txt"
    host = noted.read_text().strip() if noted.exists() else str(DATA_DIR)
    return f"postgresql://{role}@/daybook?host={quote(host, safe='')}"


def embedded_redis_url() -> str:
    """The URL of `make run`'s own Valkey, as noted when it started; empty when it never did."""
    noted = DATA_DIR / "redis-url.txt"
    return noted.read_text().strip() if noted.exists() else ""


def beside(redis_url: str) -> str:
    """The next database of the same server: what empties the cache must not empty the queue."""
    parts = urlsplit(redis_url)
    number = parts.path.strip("/")
    return urlunsplit(parts._replace(path=f"/{int(number) + 1 if number.isdigit() else 1}"))


def mail_server(url: str) -> tuple[str, int, str, str, bool, bool]:
    """Host, port, user, password, STARTTLS and TLS of `smtp://user:password@host:port`, or `smtps://` for TLS at once.

    `smtp://` asks for STARTTLS wherever there is a password; `?tls=0` or `?tls=1` says otherwise.
    """
    parts = urlsplit(url)
    if url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise RuntimeError("EMAIL_URL is smtp://user:password@host:port or smtps://user:password@host:port.")
    implicit = parts.scheme == "smtps"
    said = dict(parse_qsl(parts.query)).get("tls", "1" if parts.password else "0")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or (465 if implicit else 587 if password else 25)
    return parts.hostname or "", port, user, password, not implicit and said == "1", implicit


def secret_key() -> str:
    """SECRET_KEY, or the one that `make run` keeps in its data directory."""
    noted = DATA_DIR / "secret-key"
    if key := os.environ.get("SECRET_KEY"):
        return key
    if noted.exists():
        return noted.read_text().strip()
    raise RuntimeError("SECRET_KEY is not set, and there is no data directory of `make run` to take it from.")
