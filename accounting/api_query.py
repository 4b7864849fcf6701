"""What a caller asks for in the query of an address: read strictly, refused (`bad_parameter`) with its name."""

import datetime
import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tenants.refusal import Refused

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR = 1000


class BadParameter(Refused):
    """A parameter of the address makes no sense."""

    code = "bad_parameter"
    status = 400


class IsoDate(serializers.DateField):
    """A day as YYYY-MM-DD, and in no other way."""

    default_error_messages = {"bad_date": _("A date is written YYYY-MM-DD.")}

    def to_internal_value(self, value: Any) -> datetime.date:
        """The day that was sent."""
        if not isinstance(value, str) or not _ISO.fullmatch(value) or int(value[:4]) < FIRST_YEAR:
            self.fail("bad_date")
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            self.fail("bad_date")


class QueryParameters(serializers.Serializer):  # type: ignore[type-arg]
    """The parameters that an address knows; all of them may be left out."""

    @classmethod
    def of(cls, request: Any) -> dict[str, Any]:
        """The parameters of the request that the address knows, checked."""
        known = cls()
        values = {name: value for name, value in request.query_params.items() if name in known.fields}
        given = cls(data=values)
        if not given.is_valid():
            name, errors = next(iter(given.errors.items()))
            raise BadParameter(str(errors[0]), place=name)
        return dict(given.validated_data)


class DateRangeParameters(QueryParameters):
    """A range of days: `from` and `date`, both included."""

    date = IsoDate(required=False, help_text="The last day; today where nothing is said.")

    def get_fields(self) -> Any:
        """`from` is no name that Python lets a class use."""
        return {"from": IsoDate(required=False, source="start", help_text="The first day."), **super().get_fields()}
