"""The addresses of Daybook and one more: a view of the API that does nothing, to measure the others by."""

from typing import Any

from django.urls import path
from rest_framework.response import Response

from config.urls import urlpatterns as own
from tenants.api_view import CompanyAPIView


class EmptyView(CompanyAPIView):
    """Signs in, enters the company, counts the call, and has nothing to say."""

    def get(self, request: Any, company: str) -> Response:
        return Response({})


urlpatterns = [path("api/v1/companies/<slug:company>/empty/", EmptyView.as_view()), *own]
