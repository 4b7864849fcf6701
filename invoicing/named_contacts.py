"""Customers or suppliers as a table names them: by number, by name, or both as the form shows them."""

from collections import defaultdict
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.models import Contact
from invoicing.refusals import WrongContact
from tenants.models import Company


class NamedContacts:
    """Those that may be chosen now, read once for any number of rows."""

    def __init__(self, company: Company, *, customers: bool) -> None:
        flag = "is_customer" if customers else "is_supplier"
        rows = Contact.objects.for_company(company).filter(is_active=True, **{flag: True})
        self._by_code: dict[str, UUID] = {}
        self._by_name: dict[str, list[UUID]] = defaultdict(list)
        for pk, code, name in rows.values_list("pk", "code", "name"):
            self._by_code[code] = self._by_code[f"{code} {name}"] = pk
            self._by_name[name.casefold()].append(pk)

    def find(self, text: str) -> UUID | None:
        """The contact that is meant, if there is one. Refused (`wrong_contact`) where several are called so."""
        if text in self._by_code:
            return self._by_code[text]
        found = self._by_name.get(text.casefold(), [])
        if len(found) > 1:
            raise WrongContact(_("Several contacts are called “%s”: write the number.") % text[:60], place="contact")
        return found[0] if found else None
