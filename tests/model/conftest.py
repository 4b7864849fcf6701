"""The attacker's connection, for `verify` after each run."""

from tests.constitution.conftest import superuser_alias

__all__ = ["superuser_alias"]
