"""Agree on when documents are due: payment terms with instalments, and those that every company starts with."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounting.amounts import amount_text
from accounting.due_dates import Part
from accounting.models import PaymentTerms, TermsInstalment
from accounting.row_checks import broken_constraint, check_texts, is_number_within
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = ("code", "name", "discount_percent", "discount_days", "is_active")
INSTALMENT = ("percent", "months", "days", "day_of_month")
MOST_INSTALMENTS = 60
MOST_MONTHS, MOST_DAYS = 120, 3660
WHOLE = Decimal(100)
LAST_DAY = 31
STANDARD: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("IMMEDIATE", "Due immediately", {}),
    ("NET14", "14 days net", {"days": 14}),
    ("NET30", "30 days net", {"days": 30}),
    ("NET30EOM", "30 days, end of month", {"days": 30, "day_of_month": LAST_DAY}),
)


class TermsRefused(Refused):
    """Payment terms cannot be kept like this."""

    code = "invalid_payment_terms"


class TermsCodeTaken(Refused):
    """Other payment terms have the code."""

    code = "payment_terms_code_taken"


class TermsNotFound(NotFound):
    """No such payment terms."""


class TermsInUse(Refused):
    """Something points at the payment terms: take them out of use instead."""

    code = "payment_terms_in_use"


@transaction.atomic
def add_terms(*, code: str, name: str, instalments: Sequence[Mapping[str, Any]], **fields: Any) -> PaymentTerms:
    """Add payment terms. Refused: `invalid_payment_terms`, `payment_terms_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    _known(fields)
    return _kept(PaymentTerms(company=scope.company, code=code, name=name, **fields), instalments, new=True)


@transaction.atomic
def change_terms(
    terms: PaymentTerms,
    *,
    version: int | None = None,
    instalments: Sequence[Mapping[str, Any]] | None = None,
    **changes: Any,
) -> PaymentTerms:
    """Change payment terms; `instalments` replace all of them. `version` is the one that the caller saw.

    What is due already stays as it is. Refused: as adding, `conflict` (changed meanwhile), `not_found`.
    """
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    _known(changes)
    held = _held(terms.pk, version)
    for name, value in changes.items():
        setattr(held, name, value)
    held.version += 1
    return _kept(held, instalments, new=False)


@transaction.atomic
def delete_terms(terms: PaymentTerms) -> None:
    """Remove payment terms that nothing points at. Refused: `payment_terms_in_use`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            TermsInstalment.objects.for_company(scope.company).filter(terms=terms.pk).delete()
            PaymentTerms.objects.for_company(scope.company).filter(pk=terms.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise TermsInUse(_("%s are in use: take them out of use instead.") % terms) from error


@transaction.atomic
def add_standard_terms() -> list[PaymentTerms]:
    """Due immediately, after 14 and 30 days, 30 days to the month's end; those already there stay as they are."""
    company = current_scope().company
    present = set(PaymentTerms.objects.for_company(company).values_list("code", flat=True))
    wanted = [one for one in STANDARD if one[0] not in present]
    made: list[PaymentTerms] = PaymentTerms.objects.bulk_create(
        PaymentTerms(company=company, code=code, name=_(name)) for code, name, _instalment in wanted
    )
    TermsInstalment.objects.bulk_create(
        TermsInstalment(company=company, terms=terms, number=1, **instalment)
        for terms, (_code, _name, instalment) in zip(made, wanted, strict=True)
    )
    return made


def on_company_created(company: Company, options: dict[str, Any]) -> None:
    """A new company starts with the standard payment terms."""
    add_standard_terms()


def parts_of(terms: PaymentTerms) -> tuple[Part, ...]:
    """The instalments in order, for `accounting.due_dates`."""
    rows = sorted(terms.instalments.all(), key=lambda row: row.number)
    return tuple(Part(row.percent, row.months, row.days, row.day_of_month) for row in rows)


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise TermsRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def _held(pk: Any, version: int | None) -> PaymentTerms:
    rows = PaymentTerms.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: PaymentTerms | None = rows.filter(pk=pk).first()
    if found is None:
        raise TermsNotFound(_("There are no such payment terms."))
    if version is not None and found.version != version:
        raise Conflict(_("The payment terms were changed meanwhile: look at them again."))
    return found


def _kept(terms: PaymentTerms, instalments: Sequence[Mapping[str, Any]] | None, *, new: bool) -> PaymentTerms:
    _check(terms)
    rows = None if instalments is None else _instalments(terms, instalments)
    try:
        with transaction.atomic():
            terms.save(force_insert=new)
    except IntegrityError as error:
        if broken_constraint(error) == "payment_terms_code":
            raise TermsCodeTaken(_("Other payment terms have this code already."), place="code") from error
        raise
    if rows is not None:
        TermsInstalment.objects.for_company(terms.company).filter(terms=terms).delete()
        TermsInstalment.objects.bulk_create(rows)
    return terms


def _check(terms: PaymentTerms) -> None:
    terms.code, terms.name = terms.code.strip(), terms.name.strip()
    check_texts(terms, TermsRefused)
    if not terms.code:
        raise TermsRefused(_("Payment terms have a code."), place="code")
    if not terms.name:
        raise TermsRefused(_("Payment terms have a name."), place="name")
    if not is_number_within(Decimal(terms.discount_percent), Decimal(0), WHOLE, 6):
        raise TermsRefused(
            _("A discount is a percentage from 0 and under 100, with at most 6 decimals."), place="discount_percent"
        )
    if not 0 <= terms.discount_days <= MOST_DAYS:
        raise TermsRefused(_("From 0 to %d days.") % MOST_DAYS, place="discount_days")


def _instalments(terms: PaymentTerms, given: Sequence[Mapping[str, Any]]) -> list[TermsInstalment]:
    if not 1 <= len(given) <= MOST_INSTALMENTS:
        raise TermsRefused(_("From one to %d instalments.") % MOST_INSTALMENTS, place="instalments")
    rows = []
    for number, fields in enumerate(given):
        place = f"instalments[{number}]"
        if unknown := set(fields) - set(INSTALMENT):
            raise TermsRefused(_("An instalment has no such field."), place=f"{place}.{min(unknown)}")
        row = TermsInstalment(company=terms.company, terms=terms, number=number + 1, **fields)
        _check_instalment(row, place)
        rows.append(row)
    together = sum((Decimal(row.percent) for row in rows), Decimal(0))
    if together != WHOLE:
        raise TermsRefused(
            _("The instalments are 100 percent together, not %s.") % amount_text(together, 0), place="instalments"
        )
    return rows


def _check_instalment(row: TermsInstalment, place: str) -> None:
    percent = Decimal(row.percent)
    if not percent or not is_number_within(percent, Decimal(0), WHOLE + 1, 6) or percent > WHOLE:
        raise TermsRefused(
            _("A percentage is over 0 and at most 100, with at most 6 decimals."), place=f"{place}.percent"
        )
    if not 0 <= row.months <= MOST_MONTHS:
        raise TermsRefused(_("From 0 to %d months.") % MOST_MONTHS, place=f"{place}.months")
    if not 0 <= row.days <= MOST_DAYS:
        raise TermsRefused(_("From 0 to %d days.") % MOST_DAYS, place=f"{place}.days")
    if row.day_of_month is not None and not 1 <= row.day_of_month <= LAST_DAY:
        raise TermsRefused(_("A day of the month is from 1 to 31."), place=f"{place}.day_of_month")
