"""How the API describes itself (OpenAPI 3.1): what every operation has in common is said here, once."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS

from tenants.api_problems import CONTENT_TYPE, TITLES, TYPE
from tenants.idempotency import HEADER, KEY_PATTERN

COMPANY = OpenApiParameter(
    "company", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,49}$"}, OpenApiParameter.PATH,
    description="The short name of the company.",
)  # fmt: skip
KEY = OpenApiParameter(
    HEADER, {"type": "string", "pattern": KEY_PATTERN}, OpenApiParameter.HEADER,
    description="The same key gets the first answer again, and the work is done once.",
)  # fmt: skip
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description="The ETag of the row as it was read, or `*`.",
)  # fmt: skip
MAY_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of the row as it was read, or `*`."
)

_ALWAYS = {400, 401, 403, 406, 422, 429, 503}
_IN_COMPANY = {404}
_WRITING = {409, 415}


class ProblemErrorOut(serializers.Serializer):  # type: ignore[type-arg]
    """One of several complaints."""

    code = serializers.CharField()
    detail = serializers.CharField()
    place = serializers.CharField(help_text="Such as `lines[2].account`; empty where it is about the whole.")


class ProblemOut(serializers.Serializer):  # type: ignore[type-arg]
    """Why a call was refused (RFC 9457). Programs decide by `code`, which stays; sentences may change."""

    type = serializers.RegexField(f"^{TYPE}")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.RegexField(r"^[a-z][a-z0-9_]*$")
    detail = serializers.CharField()
    place = serializers.CharField(required=False, help_text="The field, parameter or header that it is about.")
    errors = ProblemErrorOut(  # type: ignore[assignment]
        many=True, required=False, help_text="Each complaint, where there are several places."
    )


class ApiSchema(AutoSchema):
    """Adds to each operation its refusals, and to each write the key that makes it repeatable; bodies are strict."""

    def get_override_parameters(self) -> list[Any]:
        """The company of the address, and the headers that the handler reads."""
        parameters = [COMPANY] if "{company}" in self.path else []
        handler = getattr(self.view, self.method.lower(), None)
        return [*parameters, KEY] if getattr(handler, "idempotent", False) else parameters

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """The answers of the handler, and a problem document for each refusal that the caller may meet."""
        answers = super()._get_response_bodies(direction)
        if direction != "response":
            return answers
        for status in sorted(self._refusals()):
            problem = self._get_response_for_code(ProblemOut, str(status), (CONTENT_TYPE,))  # type: ignore[no-untyped-call]
            answers[str(status)] = {**problem, "description": TITLES[status]}
        return answers

    def _refusals(self) -> set[int]:
        """The statuses of refusal: by method, by place, and by the headers that are read."""
        found = _ALWAYS | (_IN_COMPANY if "{company}" in self.path else set())
        if self.method not in SAFE_METHODS:
            found |= _WRITING
        if MultiPartParser in self.view.parser_classes:
            found |= {413}
        if not isinstance(self.view.get_content_negotiator(), DefaultContentNegotiation):
            found -= {406}
        matched = [one for one in self.get_override_parameters() if getattr(one, "name", "") == IF_MATCH.name]
        if matched:
            found |= {412, 428} if matched[0].required else {412}
        return found

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """Of several shapes, an answer may fit more than one."""
        schema = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return {"anyOf": schema["oneOf"]} if set(schema) == {"oneOf"} else schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A list that must not be empty has at least one item."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        filled = isinstance(field, serializers.ListField) and not field.allow_empty
        return {**schema, "minItems": 1} if filled and schema.get("type") == "array" else schema

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """A body with a name that the API does not know is refused."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return {**schema, "additionalProperties": False} if direction == "request" else schema
