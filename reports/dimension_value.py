"""A value of a dimension as a report's reader names it: “project:ALPHA”, or “project:” for lines without one."""

from django.utils.translation import gettext as _

from accounting.dimensions import UnknownDimension
from accounting.models import Dimension
from tenants.models import Company


def dimension_value(company: Company, text: str) -> tuple[str, str]:
    """The dimension and the value; two empty texts where nothing is said. Refused: `unknown_dimension`."""
    dimension, _colon, value = text.strip().partition(":")
    if text.strip() and not Dimension.objects.for_company(company).filter(code=dimension).exists():
        raise UnknownDimension(_("There is no dimension “%s”.") % dimension[:30], place="value")
    return dimension, value.strip()
