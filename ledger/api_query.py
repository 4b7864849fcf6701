"""What callers ask of entries and balances: days, knowledge, filters."""

import datetime
import re
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounting.api_query import BadParameter, DateRangeParameters, IsoDate, QueryParameters
from accounting.business_day import business_day
from tenants.models import Company

_BLOCK = re.compile(r"[0-9]{1,18}")
_CURSOR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(_[0-9a-f-]{36})(_[0-9]{1,9})?")


@extend_schema_field({"type": "string", "description": "ISO 8601 moment, or the number of a block."})
class KnownAtField(serializers.Field):  # type: ignore[type-arg]
    """As known at a moment, or at a sealed block, whose answer never changes."""

    default_error_messages = {"bad_moment": _("This is an ISO 8601 moment, or the number of a block.")}

    def to_internal_value(self, value: Any) -> datetime.datetime | int:
        """The moment, in UTC where no zone is named, or the block."""
        if _BLOCK.fullmatch(value):
            return int(value)
        # A “+” that was not escaped in the address arrives as a space.
        text = re.sub(r" (\d{2}:?\d{2})$", r"+\1", value)
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError:
            self.fail("bad_moment")
        if "T" not in text or not 1000 <= moment.year <= 9998:
            self.fail("bad_moment")
        # In UTC: the database knows fewer offsets than ISO 8601 allows.
        return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def to_representation(self, value: Any) -> str:
        """The moment or the block as text."""
        return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


class KnowledgeParameters(DateRangeParameters):
    """Days, and how far back the books are believed."""

    known_at = KnownAtField(required=False)


class BalanceParameters(QueryParameters):
    """Balances at the end of which day, known when, of which account."""

    date = IsoDate(required=False, help_text="Today where nothing is said.")
    known_at = KnownAtField(required=False)
    account = serializers.CharField(max_length=120, required=False, help_text="Code or id.")


class LedgerParameters(KnowledgeParameters):
    """Which part of an account's ledger."""

    after = serializers.CharField(max_length=80, required=False, help_text="`next_after` of the page before.")
    page_size = serializers.IntegerField(min_value=1, max_value=500, required=False)


class EntryParameters(DateRangeParameters):
    """How the journal may be narrowed."""

    journal = serializers.CharField(max_length=12, required=False, help_text="The code of a journal.")
    account = serializers.CharField(max_length=120, required=False, help_text="Code or id.")
    search = serializers.CharField(max_length=200, required=False, help_text="In memo, reference or number.")
    source = serializers.CharField(max_length=63, required=False, help_text="What posted it: `reversal`, …")
    ordering = serializers.ChoiceField(choices=["-date", "date"], required=False)
    cursor = serializers.CharField(max_length=80, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=500, required=False)


class DryRunParameters(QueryParameters):
    """Whether to keep what is posted."""

    dry_run = serializers.BooleanField(required=False, default=False, help_text="Show, and store nothing.")


class BulkParameters(DryRunParameters):
    """All entries or none, or each for itself."""

    mode = serializers.ChoiceField(choices=["atomic", "per_item"], required=False, default="atomic")


def day_asked(company: Company, asked: dict[str, Any]) -> datetime.date:
    """The day that is asked about: today, where the company is, unless another one is named."""
    day: datetime.date = asked.get("date") or business_day(company)
    if (start := asked.get("start")) and start > day:
        raise BadParameter(str(_("The first day comes after the last one.")), place="from")
    return day


def check_cursor(cursor: str, place: str) -> str:
    """The cursor, if it is one that an answer gave."""
    try:
        if not _CURSOR.fullmatch(cursor):
            raise ValueError(cursor)
        day, entry, *_number = cursor.split("_")
        datetime.date.fromisoformat(day)
        UUID(entry)
    except ValueError as error:
        raise BadParameter(str(_("Take the cursor from the answer before.")), place=place) from error
    return cursor
