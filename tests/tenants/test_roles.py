"""The matrix of roles holds on pages and in the API alike."""

import pytest

from tenants.permissions import MATRIX, ApiScope, Permission, Role, permissions_of_scopes

PAGES = {
    "settings/": Permission.VIEW_BOOKS,
    "members/": Permission.MANAGE_MEMBERS,
    "credentials/": Permission.MANAGE_MEMBERS,
    "audit/": Permission.VIEW_AUDIT,
}
CALLS = {
    "": Permission.VIEW_BOOKS,
    "members/": Permission.MANAGE_MEMBERS,
    "credentials/": Permission.MANAGE_MEMBERS,
    "audit/": Permission.VIEW_AUDIT,
}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_exactly_the_roles_of_the_matrix(signed_in, company, role, path):
    expected = 200 if PAGES[path] in MATRIX[role] else 403
    assert signed_in(role).get(f"/c/{company.slug}/{path}").status_code == expected


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("path", CALLS)
def test_the_api_answers_a_signed_in_member_by_the_same_matrix(signed_in, company, role, path):
    answer = signed_in(role).get(f"/api/v1/companies/{company.slug}/{path}")
    assert answer.status_code == (200 if CALLS[path] in MATRIX[role] else 403)


@pytest.mark.parametrize("scope", ApiScope.values)
@pytest.mark.parametrize("path", CALLS)
def test_the_api_answers_a_credential_by_its_scopes(api, scope, path):
    expected = 200 if CALLS[path] in permissions_of_scopes([scope]) else 403
    answer = api(scope).get(path)
    assert answer.status_code == expected
    if expected == 403:
        assert answer.json()["code"] == "not_permitted"


@pytest.mark.parametrize("role", Role.values)
def test_only_who_may_manage_the_company_changes_its_settings(signed_in, company, role):
    browser = signed_in(role)
    allowed = Permission.MANAGE_COMPANY in MATRIX[role]
    values = {"name": "Renamed", "year_start_month": 1, "time_zone": "UTC", "language": "en", "rounding": "half_up"}
    assert browser.post(f"/c/{company.slug}/settings/", values).status_code == (302 if allowed else 403)
    company.refresh_from_db()
    assert (company.name == "Renamed") == allowed


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.CONTROLLER])
def test_members_cannot_be_changed_in_the_admin_without_the_permission(signed_in, company, role, owner_user):
    browser = signed_in(role)
    browser.get(f"/c/{company.slug}/settings/")
    assert browser.get("/admin/tenants/membership/").status_code == 403
    assert browser.get("/admin/tenants/user/").status_code == 403
