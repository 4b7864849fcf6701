"""Files in and out of the API: what is handed in as a form, and answers that are no JSON."""

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation

from accounting.spreadsheets import table_text


class FileNegotiation(BaseContentNegotiation):
    """The address decides what the answer is, not the `Accept` header; `format` stays free for the address."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The parser of the body's type."""
        from rest_framework.negotiation import DefaultContentNegotiation

        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Whatever the caller accepts, the first renderer."""
        return renderers[0], renderers[0].media_type


def form_of(request: Any) -> dict[str, Any]:
    """The fields of a form that was handed in; none where the body is empty."""
    return request.data.dict() if hasattr(request.data, "dict") else {}


def text_of(upload: Any) -> str:
    """The text of a table that was handed in, CSV or XLSX; refused (`bad_file`) where it is neither."""
    return table_text(upload.read())
