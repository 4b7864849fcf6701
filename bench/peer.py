"""Django for a peer, on the same PostgreSQL, in the bench's own virtual environment."""

import os
from typing import Any
from urllib.parse import unquote

import django
from django.conf import settings


def set_up(database: str, apps: list[str], **extra: Any) -> None:
    """Configure Django for a peer and migrate its database."""
    settings.configure(
        SECRET_KEY="bench",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database,
                "USER": "postgres",
                "HOST": unquote(os.environ["BENCH_HOST"]),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        **extra,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
