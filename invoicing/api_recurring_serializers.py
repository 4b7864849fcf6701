"""The shapes of recurring documents in the API."""

from rest_framework import serializers

from accounting.api_query import IsoDate, QueryParameters
from invoicing.models import DocumentOccurrence, RecurringDocument
from ledger.shown_recurring import ACTIVE, ENDED, PAUSED, STUCK
from tenants.api_fields import SparseFields, StrictSerializer, TextField


class RecurringDocumentIn(StrictSerializer):
    """When an invoice or bill comes again, and what is done with it.

    Each says what the pattern says by then, on its own date; in notes, memo, reference and descriptions `{month}`,
    `{year}` and `{period}` stand for the date that is made.
    """

    pattern = serializers.UUIDField(help_text="The invoice or bill that each is made like; a draft will do.")
    start = IsoDate()
    frequency = serializers.ChoiceField(choices=RecurringDocument.Frequency.choices, required=False, default="month")
    interval = serializers.IntegerField(min_value=1, max_value=366, required=False, default=1)
    month_end = serializers.BooleanField(required=False, default=False, help_text="On the last day of the month.")
    end = IsoDate(required=False, allow_null=True, default=None)
    does = serializers.ChoiceField(choices=RecurringDocument.Does.choices, required=False, default="draft")
    id = serializers.UUIDField(required=False, help_text="An id of the caller's own: started once, however often sent.")


class RecurringDocumentChangeIn(StrictSerializer):
    """What may change once it runs: how it ends, what is done, whether it goes on, what it is made like."""

    end = IsoDate(required=False, allow_null=True)
    does = serializers.ChoiceField(choices=RecurringDocument.Does.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    pattern = serializers.UUIDField(required=False, help_text="Another document of the same kind and contact.")


class DocumentOccurrenceOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    document = serializers.UUIDField(source="document_id", allow_null=True)
    number = serializers.CharField(source="document.number", default="", help_text="Of the document, once posted.")

    class Meta:
        model = DocumentOccurrence
        fields = read_only_fields = ["date", "document", "number", "problem_code", "problem", "skipped"]


class RecurringDocumentOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    pattern = serializers.UUIDField(source="pattern_id")
    kind = serializers.CharField(source="pattern.kind")
    contact = serializers.UUIDField(source="pattern.contact_id")
    contact_name = serializers.CharField(source="pattern.contact.name")
    occurrences = DocumentOccurrenceOut(
        many=True, source="latest", help_text="The latest 24, and every one that was not made or not sent."
    )

    class Meta:
        model = RecurringDocument
        fields = read_only_fields = [
            "id", "version", "pattern", "kind", "contact", "contact_name", "start", "frequency", "interval",
            "month_end", "end", "does", "next_date", "is_active", "created_by", "created_at", "occurrences",
        ]  # fmt: skip


class RecurringDocumentParameters(QueryParameters):
    """How the recurring documents may be narrowed."""

    contact = serializers.UUIDField(required=False)
    pattern = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(
        choices=[ACTIVE, PAUSED, ENDED, STUCK], required=False, help_text="`problem`: not made, or not sent."
    )


class RetryIn(StrictSerializer):
    """Which date is made or sent now, and on which day where its own is closed."""

    date = IsoDate(help_text="Of the occurrence.")
    on = IsoDate(required=False, allow_null=True, default=None, help_text="Another day to date the document.")


class SkipIn(StrictSerializer):
    """Which date is left out, and why."""

    date = IsoDate(help_text="Of the occurrence.")
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")
