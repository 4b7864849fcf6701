"""What the API's serializers are made of: amounts that are never floats, texts that can be kept, sparse answers."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.refusal import Refused

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?")


class UnknownField(Refused):
    """`?fields=` names a field that the answer does not have."""

    code = "unknown_field"
    status = 400


@extend_schema_field(
    {"oneOf": [{"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$", "maxLength": 80}, {"type": "integer"}]}
)
class AmountField(serializers.Field):  # type: ignore[type-arg]
    """An exact decimal: a text such as "-12.50", or a whole number. Nothing is rounded."""

    default_error_messages = {
        "bad_amount": "Send an amount as text, such as “-12.50”: digits, at most {digits} with {places} decimals.",
    }

    def __init__(self, *, max_digits: int = 24, decimal_places: int = 6, **kwargs: Any) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        """The amount that was sent."""
        text = str(data) if isinstance(data, int) and not isinstance(data, bool) else data
        if not isinstance(text, str) or len(text) > 80 or not text.isascii() or not _AMOUNT.fullmatch(text):
            self._refuse()
        whole, _point, fraction = text.lstrip("+-").partition(".")
        whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
        if len(fraction) > self.decimal_places or len(whole) > self.max_digits - self.decimal_places:
            self._refuse()
        return Decimal(text)

    def to_representation(self, value: Any) -> str:
        """The amount as text, without an exponent."""
        return f"{Decimal(value):f}"

    def _refuse(self) -> None:
        self.fail("bad_amount", digits=self.max_digits, places=self.decimal_places)


class TextField(serializers.CharField):
    """A text that a database can keep; numbers and booleans are no texts."""

    def to_internal_value(self, data: Any) -> str:
        """The text that was sent."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class StrictSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Input: a name that the API does not know is refused, not dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """The values that were sent."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            message = _("There is no such field here.")
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail(message, code="unknown_field")] for name in unknown}
            )
        return super().to_internal_value(data)


class SparseFields(serializers.Serializer):  # type: ignore[type-arg]
    """Output: `?fields=id,name` leaves the other fields out."""

    def get_fields(self) -> Any:
        """The fields that the caller asked for."""
        fields = super().get_fields()
        request = self.context.get("request")
        asked = request.query_params.get("fields") if request is not None and request.method == "GET" else None
        if not asked:
            return fields
        names = {name.strip() for name in asked.split(",") if name.strip()}
        if unknown := sorted(names - set(fields)):
            raise UnknownField(_("There is no field “%s”.") % unknown[0], place="fields")
        return {name: field for name, field in fields.items() if name in names}
