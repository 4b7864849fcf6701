"""The shapes of journal files that come in and go out, as the API's description shows them."""

from rest_framework import serializers

from ledger.journal_export import RENDERERS
from ledger.journal_import import FORMATS
from tenants.api_fields import StrictSerializer, TextField


class ImportIn(StrictSerializer):
    """A journal that another program wrote."""

    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(choices=list(FORMATS), required=False, help_text="By the file's name if left out.")
    dry_run = serializers.BooleanField(required=False, default=False)
    columns = TextField(
        required=False, allow_blank=True, max_length=5000,
        help_text="What other headings of a table stand for, one a line: `Konto = account`.",
    )  # fmt: skip


class UndoIn(StrictSerializer):
    """Why an import is undone."""

    reason = TextField(max_length=500)


class ExportIn(StrictSerializer):
    """The format of the file."""

    format = serializers.ChoiceField(choices=list(RENDERERS))
