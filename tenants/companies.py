"""Create companies."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from tenants.models import Company
from tenants.refusal import Refused
from tenants.scope import Actor, company_scope


class CompanyRefused(Refused):
    """The company cannot be created like this."""

    code = "invalid_company"


class SlugTaken(Refused):
    """Another company has the short name."""

    code = "slug_taken"


@transaction.atomic
def create_company(
    *, slug: str, name: str, base_currency: str, options: dict[str, Any] | None = None, **fields: Any
) -> Company:
    """Create a company and let every app to the right prepare its part (settings.COMPANY_CREATED).

    Refused: `slug_taken`, `invalid_company`, `unknown_currency`, `unknown_chart`, `unknown_tax_template`.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", slug):
        raise CompanyRefused("A short name has lower-case letters, digits and hyphens.", place="slug")
    company = Company(slug=slug, name=name, base_currency=base_currency, **fields)
    try:
        company.clean_fields()
        with transaction.atomic():
            company.save(force_insert=True)
    except ValidationError as error:
        place, sentences = next(iter(error.message_dict.items()))
        raise CompanyRefused(sentences[0], place=place) from error
    except IntegrityError as error:
        raise SlugTaken(f"There is a company “{slug}” already.", place="slug") from error
    with company_scope(company, actor=Actor.system("create company"), act="create company"):
        for path in settings.COMPANY_CREATED:
            import_string(path)(company, options or {})
    return company
