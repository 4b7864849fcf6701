"""Who calls the API: the middleware has found out; REST framework only hears it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication

from tenants.models import ApiCredential


class Program:
    """The caller behind an API credential, in the shape that REST framework expects of a user."""

    is_authenticated = True
    is_superuser = False

    def __init__(self, credential: ApiCredential) -> None:
        self.pk = self.id = credential.pk
        self.credential = credential

    def __str__(self) -> str:
        return str(self.credential)


class ScopeAuthentication(SessionAuthentication):
    """A bearer key as the middleware has resolved it, or the signed-in person, whose unsafe calls need a CSRF token."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        """The caller and their credential; nothing is read again."""
        credential = getattr(request._request, "credential", None)
        if credential is not None:
            return Program(credential), credential
        return super().authenticate(request)

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="daybook"'


class ScopeAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the two ways in."""

    target_class = "tenants.api_authentication.ScopeAuthentication"
    name = ["bearerKey", "session"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Either of the two; only people work outside a company."""
        names = self.name if "{company}" in auto_schema.path else ["session"]
        return [{name: []} for name in names]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "dbk_…",
                "description": "An API credential of the company.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "A signed-in member; unsafe methods also need the X-CSRFToken header.",
            },
        ]
