"""What the API of dunning takes and shows."""

from typing import Any

from rest_framework import serializers

from accounting.api_query import QueryParameters
from invoicing.dunning_plan import PlannedNotice
from invoicing.mail_words import LONGEST_BODY, LONGEST_SUBJECT
from invoicing.models import DunnedDocument, DunningBlock, DunningLevel, DunningNotice
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


def _money(**kwargs: Any) -> AmountField:
    return AmountField(max_digits=24, decimal_places=6, **kwargs)


class DunningLevelOut(SparseFields, serializers.ModelSerializer[DunningLevel]):
    fee = _money(read_only=True)
    interest_percent = AmountField(max_digits=9, decimal_places=6, read_only=True)

    class Meta:
        model = DunningLevel
        fields = read_only_fields = [
            "id", "number", "name", "days", "fee", "interest_percent", "subject", "body", "is_active", "version",
        ]  # fmt: skip


class DunningLevelChangeIn(StrictSerializer):
    """How late customers are asked."""

    name = TextField(max_length=100, required=False)
    days = serializers.IntegerField(
        min_value=-90, max_value=3650, required=False, help_text="After it is due; below 0 before."
    )
    fee = _money(required=False, help_text="In base currency, for each notice.")
    interest_percent = AmountField(max_digits=9, decimal_places=6, required=False, help_text="A year, act/365.")
    subject = TextField(max_length=LONGEST_SUBJECT, required=False)
    body = TextField(max_length=LONGEST_BODY, required=False)
    is_active = serializers.BooleanField(required=False)


class DunningLevelIn(DunningLevelChangeIn):
    """The next level."""

    name = TextField(max_length=100)
    days = serializers.IntegerField(min_value=-90, max_value=3650)
    subject = TextField(max_length=LONGEST_SUBJECT)
    body = TextField(max_length=LONGEST_BODY)


class PlannedDocumentOut(serializers.Serializer[Any]):
    document = serializers.UUIDField(source="document.pk")
    number = serializers.CharField(source="document.number")
    level = serializers.IntegerField(source="level.number")
    due_date = serializers.DateField()
    days_late = serializers.IntegerField()
    open_amount = _money()
    interest = _money()


class PlannedNoticeOut(serializers.Serializer[PlannedNotice]):
    key = serializers.CharField(help_text="Names the letter in a run.")
    contact = serializers.UUIDField(source="contact.pk")
    currency = serializers.CharField()
    level = serializers.IntegerField(source="level.number")
    open_amount = _money()
    interest = _money()
    fee = _money()
    due = _money()
    problem = serializers.CharField(help_text="Why it cannot be sent.")
    documents = PlannedDocumentOut(many=True)


class DunnedDocumentOut(serializers.ModelSerializer[DunnedDocument]):
    level = serializers.IntegerField(source="level.number", read_only=True)
    open_amount = _money(read_only=True)
    interest = _money(read_only=True)

    class Meta:
        model = DunnedDocument
        fields = read_only_fields = ["document", "level", "days_late", "open_amount", "interest", "interest_until"]


class DunningNoticeOut(SparseFields, serializers.ModelSerializer[DunningNotice]):
    level = serializers.IntegerField(source="level.number", read_only=True)
    open_amount = _money(read_only=True)
    fee = _money(read_only=True)
    interest = _money(read_only=True)
    documents = DunnedDocumentOut(many=True, read_only=True)

    class Meta:
        model = DunningNotice
        fields = read_only_fields = [
            "id", "contact", "level", "date", "currency", "open_amount", "fee", "interest", "charged_by", "mail_id",
            "created_by", "created_at", "documents",
        ]  # fmt: skip


class DunningBlockOut(SparseFields, serializers.ModelSerializer[DunningBlock]):
    class Meta:
        model = DunningBlock
        fields = read_only_fields = ["id", "contact", "document", "until", "reason", "created_by", "created_at"]


class DunningDay(QueryParameters):
    """As of which day."""

    date = serializers.DateField(required=False)


class DunningRunIn(StrictSerializer):
    """Which letters are sent."""

    date = serializers.DateField(required=False, help_text="Empty: today.")
    notices = serializers.ListField(
        child=TextField(max_length=100), required=False, help_text="Their keys; left out: all that are due."
    )


class DunningBlockIn(StrictSerializer):
    """Who is spared: a customer, or one document."""

    contact = serializers.UUIDField(required=False)
    document = serializers.UUIDField(required=False)
    reason = TextField(max_length=2000)
    until = serializers.DateField(required=False, allow_null=True)
