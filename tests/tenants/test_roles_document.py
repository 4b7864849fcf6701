"""docs/roles.md says what the matrix says."""

from pathlib import Path

from tenants.permissions import MATRIX, SCOPES, ApiScope, Permission, Role

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")


def row(permission, holders, table):
    return f"| {permission.label} | " + " | ".join("yes" if permission in table[one] else "" for one in holders) + " |"


def test_the_page_shows_what_every_role_and_scope_may_do():
    expected = [row(permission, Role, MATRIX) for permission in Permission]
    expected += [row(permission, ApiScope, SCOPES) for permission in Permission]

    assert [line for line in PAGE.splitlines() if line.split(" | ")[0][2:] in {p.label for p in Permission}] == expected
