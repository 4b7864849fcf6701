"""Sign in and out, choose a company, and look after it: settings, members, credentials, audit trail."""

from typing import Any
from urllib.parse import urlencode

from axes.helpers import get_cool_off
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.templatetags.static import static
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tenants.api_credentials import create_api_credential, revoke
from tenants.audit_trail import changes_of, events, export_csv
from tenants.company_settings import change_company
from tenants.forms import AuditForm, CompanyForm, CredentialForm, MemberChangeForm, MemberForm, SignInForm
from tenants.membership import add_member, change_member, companies_of
from tenants.models import ApiCredential, Company, Membership
from tenants.navigation import company_home
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import MATRIX, Permission, Role

AUDIT_PAGE = 100


class SignInView(LoginView):
    """The way in, by e-mail address and password."""

    template_name = "tenants/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOutView(LogoutView):
    """The way out."""


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in of its own."""
    target = request.GET.get("next", "/admin/")
    if request.user.is_authenticated:
        safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        return redirect(target if safe else "/admin/")
    return redirect(f"{resolve_url('sign-in')}?{urlencode({'next': target})}")


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords: say so, and when to try again."""
    pause = get_cool_off(request)
    context = {
        "until": timezone.now() + pause if pause else None,
        "minutes": max(1, round(pause.total_seconds() / 60)) if pause else None,
    }
    answer = render(request, "tenants/locked_out.html", context, status=429)
    if pause:
        answer["Retry-After"] = str(int(pause.total_seconds()))
    return answer


def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon by themselves."""
    return redirect(static("daybook.svg"), permanent=True)


@login_required
def home(request: Any) -> HttpResponse:
    """The only company, or the one visited last, or the list."""
    memberships = companies_of(request.user)
    last = request.session.get("company")
    for membership in memberships:
        if len(memberships) == 1 or membership.company.slug == last:
            return redirect(company_home(membership.company))
    return redirect("company-list")


@login_required
@require_safe
def company_list(request: Any) -> HttpResponse:
    """The companies that the person may enter."""
    memberships = companies_of(request.user)
    for membership in memberships:
        membership.home = company_home(membership.company)  # type: ignore[attr-defined]
    return render(request, "tenants/company_list.html", {"memberships": memberships})


@needs(Permission.VIEW_BOOKS, to_write=Permission.MANAGE_COMPANY)
def company_settings(request: Any, company: str) -> HttpResponse:
    """What the company says about itself."""
    # The form cleans a copy: the scope's company is what the database says.
    form = CompanyForm(request.POST or None, instance=Company.objects.get(pk=request.company.pk))
    if request.method == "POST" and form.is_valid():
        change_company(**form.cleaned_data)
        messages.success(request, _("The settings are saved."))
        return redirect("tenants:settings", company=company)
    writable = request.scope.allows(Permission.MANAGE_COMPANY)
    if not writable:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "tenants/settings.html", {"form": form, "writable": writable})


@never_cache
@needs(Permission.MANAGE_MEMBERS)
def member_list(request: Any, company: str) -> HttpResponse:
    """Who belongs to the company; let another person in."""
    form = MemberForm(request.POST or None)
    added = None
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            membership, password = add_member(**form.cleaned_data)
            added = {"membership": membership, "password": password}
            form = MemberForm()
    members = Membership.objects.for_company(request.company).select_related("user")
    context = {
        "form": form, "added": added, "roles": Role.choices, "matrix": _matrix(),
        "members": members.order_by("-is_active", "user__name", "id"),
    }  # fmt: skip
    return render(request, "tenants/members.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def member_change(request: Any, company: str, pk: Any) -> HttpResponse:
    """Give a member another role, or end the membership."""
    membership = get_object_or_404(Membership.objects.for_company(request.company), pk=pk)
    form = MemberChangeForm(request.POST)
    if form.is_valid():
        with refusals_to(flashed(request)):
            with transaction.atomic():
                change_member(membership, **form.changes())
            messages.success(request, _("The member is changed."))
    return redirect("tenants:member-list", company=company)


@never_cache
@needs(Permission.MANAGE_MEMBERS)
def credential_list(request: Any, company: str) -> HttpResponse:
    """The API credentials; make another one, whose key is shown now and never again."""
    form = CredentialForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            values = form.cleaned_data
            credential, key = create_api_credential(values["name"], values["scopes"], form.expires_at())
            made = {"credential": credential, "key": key}
            form = CredentialForm()
    credentials = ApiCredential.objects.for_company(request.company).order_by("revoked_at", "-id")
    context = {"form": form, "made": made, "credentials": credentials, "now": timezone.now()}
    return render(request, "tenants/credentials.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
def credential_revoke(request: Any, company: str, pk: Any) -> HttpResponse:
    """End a credential for good."""
    credential = revoke(get_object_or_404(ApiCredential.objects.for_company(request.company), pk=pk))
    messages.success(request, _("“%s” is revoked.") % credential.name)
    return redirect("tenants:credential-list", company=company)


@require_safe
@needs(Permission.VIEW_AUDIT)
def audit_trail(request: Any, company: str) -> HttpResponse | StreamingHttpResponse:
    """Who changed what, when, from where and why; on screen or as CSV."""
    form = AuditForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = events(request.company, **asked)
    if request.GET.get("format") == "csv":
        noted = {name: str(value) for name, value in asked.items() if value}
        response = StreamingHttpResponse(export_csv(found, noted), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="audit-{request.company.slug}.csv"'
        return response
    page = Paginator(found, AUDIT_PAGE).get_page(request.GET.get("page"))
    rows = [(event, changes_of(event)) for event in page]
    return render(request, "tenants/audit_trail.html", {"form": form, "page": page, "rows": rows})


def _matrix() -> list[tuple[str, list[bool]]]:
    return [
        (str(permission.label), [permission in MATRIX[role] for role in Role.values])
        for permission in Permission
    ]  # fmt: skip
