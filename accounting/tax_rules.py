"""What makes a tax one: its rates, the taxes of a group, its accounts and its boxes of the return."""

import datetime
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from accounting.models import Account, TaxBox, TaxCode
from accounting.named_rows import tax_named
from accounting.row_checks import check_texts, is_number_within
from tenants.refusal import Refused

MOST_RATES = 100
MOST_MEMBERS = 10
MOST_BOXES = 20
ABOVE_WHOLE = Decimal("100.000001")
DECIMALS = 6
ACCOUNTS = ("account", "counter_account", "pending_account")
BOXES = ("base_boxes", "tax_boxes", "counter_boxes")
Kind, Category = TaxCode.Kind, TaxCode.Category
# Nothing is charged under these, and most of them say why.
EXPLAINED = (Category.EXEMPT, Category.REVERSE, Category.INTRA_COMMUNITY, Category.EXPORT)
UNTAXED = (Category.ZERO, Category.OUTSIDE, *EXPLAINED)
Rate = tuple[datetime.date, Decimal]


class TaxRefused(Refused):
    """The tax cannot be kept like this."""

    code = "invalid_tax"


class UnknownTaxBox(Refused):
    """The tax return has no such box."""

    code = "unknown_tax_box"


def checked_rates(rates: Sequence[tuple[Any, Any]]) -> list[Rate]:
    """The rates by the day from which they count. Refused: `invalid_tax`."""
    if len(rates) > MOST_RATES:
        raise TaxRefused(_("At most %d rates.") % MOST_RATES, place="rates")
    found: dict[datetime.date, Decimal] = {}
    for number, (start, given) in enumerate(rates):
        place = f"rates[{number}]"
        percent = percent_of(given)
        if percent is None:
            raise TaxRefused(_("A rate is a number from 0 to 100, with at most 6 decimals."), place=f"{place}.percent")
        if not isinstance(start, datetime.date):
            raise TaxRefused(_("A rate counts from a day on."), place=f"{place}.start")
        if start in found:
            raise TaxRefused(_("Two rates count from %s.") % start.isoformat(), place=f"{place}.start")
        found[start] = percent
    return sorted(found.items())


def checked_members(group: TaxCode, members: Sequence[Any]) -> list[TaxCode]:
    """The taxes of a group, named by code, id or row, in their order. Refused: `invalid_tax`, `unknown_tax`."""
    if len(members) > MOST_MEMBERS:
        raise TaxRefused(_("At most %d taxes in a group.") % MOST_MEMBERS, place="members")
    named = [one if isinstance(one, TaxCode) else tax_named(str(one), f"members[{n}]") for n, one in enumerate(members)]
    # Held before anything is written: whoever makes one of them a group waits, or is seen here.
    rows = TaxCode.objects.for_company(group.company).filter(pk__in=[tax.pk for tax in named])
    held = {tax.pk: tax for tax in rows.select_for_update(no_key=True).order_by("pk")}
    found: list[TaxCode] = []
    for number, one in enumerate(named):
        place, tax = f"members[{number}]", held.get(one.pk)
        if tax is None or tax.is_group or tax.pk == group.pk:
            raise TaxRefused(_("%s is no single tax of the company.") % one.code, place=place)
        if tax.use != group.use:
            raise TaxRefused(_("%s is for something else than the group.") % tax.code, place=place)
        if tax in found:
            raise TaxRefused(_("%s stands in the group twice.") % tax.code, place=place)
        found.append(tax)
    return found


def check_tax(tax: TaxCode, percents: Sequence[Decimal], members: Sequence[TaxCode]) -> None:
    """The tax and what belongs to it make sense together. Refused: `invalid_tax`, `unknown_tax_box`."""
    _check_fields(tax)
    for name in ACCOUNTS:
        _check_account(tax, name)
    _check_boxes(tax)
    if tax.is_group:
        _check_group(tax, percents, members)
        return
    if members:
        raise TaxRefused(_("Only a group has taxes in it."), place="members")
    if not percents:
        raise TaxRefused(_("A tax has a rate."), place="rates")
    _check_category(tax, percents)
    _check_kind(tax, any(percents))


def percent_of(given: Any) -> Decimal | None:
    """The percentage from 0 to 100 with at most 6 decimals, or nothing where it is none."""
    try:
        percent = given if isinstance(given, Decimal) else Decimal(str(given))
    except InvalidOperation:
        return None
    return percent if is_number_within(percent, Decimal(0), ABOVE_WHOLE, DECIMALS) else None


def _check_fields(tax: TaxCode) -> None:
    for name in ("code", "name", "exemption_code", "exemption_reason"):
        setattr(tax, name, getattr(tax, name).strip())
    check_texts(tax, TaxRefused)
    for name in ("code", "name"):
        if not getattr(tax, name):
            raise TaxRefused(_("A tax has a code and a name."), place=name)
    for name, choices in (("use", TaxCode.Use.values), ("kind", Kind.values), ("category", Category.values)):
        if getattr(tax, name) not in choices:
            raise TaxRefused(_("One of: %s.") % ", ".join(choices), place=name)
    part = percent_of(tax.deductible_percent)
    if part is None:
        raise TaxRefused(_("A number from 0 to 100, with at most 6 decimals."), place="deductible_percent")
    tax.deductible_percent = part
    if part != 100 and tax.use == TaxCode.Use.SALES:
        raise TaxRefused(_("Only a tax on purchases is deducted."), place="deductible_percent")


def _check_account(tax: TaxCode, name: str) -> None:
    account: Account | None = getattr(tax, name)
    if account is None:
        return
    if account.company_id != tax.company_id:
        raise TaxRefused(_("There is no such account."), place=name)
    if account.is_heading:
        raise TaxRefused(_("%s is a heading.") % account.code, place=name)
    if account.control:
        raise TaxRefused(_("%s is a control account.") % account.code, place=name)
    if account.type == "statistical" or account.currency not in ("", tax.company.base_currency):
        raise TaxRefused(_("%s takes no amounts in base currency.") % account.code, place=name)


def _check_boxes(tax: TaxCode) -> None:
    for name in BOXES:
        # An amount is added to a box once.
        codes = list(dict.fromkeys(getattr(tax, name)))
        if len(codes) > MOST_BOXES:
            raise TaxRefused(_("At most %d boxes.") % MOST_BOXES, place=name)
        setattr(tax, name, codes)
    wanted = {code for name in BOXES for code in getattr(tax, name)}
    # Held until the tax is kept, so that none of them goes meanwhile.
    rows = TaxBox.objects.for_company(tax.company).filter(code__in=[code for code in wanted if "\x00" not in code])
    formulas = dict(rows.select_for_update(no_key=True).order_by("id").values_list("code", "formula")) if wanted else {}
    for name in BOXES:
        for code in getattr(tax, name):
            if code not in formulas:
                raise UnknownTaxBox(_("The tax return has no box “%s”.") % code, place=name)
            if formulas[code]:
                raise TaxRefused(_("Box %s is reckoned from other boxes.") % code, place=name)


def _check_group(tax: TaxCode, percents: Sequence[Decimal], members: Sequence[TaxCode]) -> None:
    if percents:
        raise TaxRefused(_("A group has the rates of its taxes, none of its own."), place="rates")
    for name in (*ACCOUNTS, *BOXES, "compound"):
        if getattr(tax, name):
            raise TaxRefused(_("A group leaves this to its taxes."), place=name)
    if tax.deductible_percent != 100:
        raise TaxRefused(_("A group leaves this to its taxes."), place="deductible_percent")
    if not members:
        raise TaxRefused(_("A group has at least one tax."), place="members")


def _check_category(tax: TaxCode, percents: Sequence[Decimal]) -> None:
    # Under reverse charge the supplier charges nothing: the rate is what the buyer reckons.
    if tax.category in UNTAXED and tax.kind != Kind.REVERSE_CHARGE and any(percents):
        raise TaxRefused(_("Under “%s” nothing is charged.") % tax.get_category_display(), place="category")
    if tax.category in EXPLAINED and not (tax.exemption_code or tax.exemption_reason):
        raise TaxRefused(_("Say why: a reason or its code is printed on documents."), place="exemption_reason")


def _check_kind(tax: TaxCode, is_charged: bool) -> None:
    if tax.kind == Kind.REVERSE_CHARGE and tax.use != TaxCode.Use.PURCHASES:
        sentence = _("Reverse charge is for purchases; a sale under it is charged at 0 %, in its category.")
        raise TaxRefused(sentence, place="kind")
    if tax.kind == Kind.REVERSE_CHARGE and tax.counter_account is None:
        raise TaxRefused(_("Reverse charge needs an account for the tax that is owed."), place="counter_account")
    if tax.kind != Kind.REVERSE_CHARGE and tax.counter_account is not None:
        raise TaxRefused(_("Only reverse charge has another side."), place="counter_account")
    if tax.kind != Kind.REVERSE_CHARGE and tax.counter_boxes:
        raise TaxRefused(_("Only reverse charge has another side."), place="counter_boxes")
    # What cannot be deducted at all is cost: it stands on the account of the line.
    stands = is_charged and tax.deductible_percent > 0
    if tax.account is None and (tax.kind == Kind.WITHHELD or stands):
        raise TaxRefused(_("The tax needs an account to stand on."), place="account")
    if tax.pending_account is not None and tax.kind != Kind.CHARGED:
        raise TaxRefused(_("Only a tax that is charged is due with the payment."), place="pending_account")
    if tax.pending_account is not None and tax.account is None:
        raise TaxRefused(_("The tax needs an account to stand on."), place="account")
    if tax.pending_account is not None and tax.pending_account == tax.account:
        raise TaxRefused(_("Until it is paid the tax stands on another account."), place="pending_account")
