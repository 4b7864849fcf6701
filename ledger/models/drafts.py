"""What is not posted yet: drafts, templates, and entries that come again. These rows may be edited."""

from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, SubAccount
from ledger.models.posted import Entry, Journal
from ledger.models.recurrences import Recurrence
from ledger.passed_budget import PassedBudget
from tenants.fields import CompanyForeignKey, CompanyModel


class ProposedLine(CompanyModel):
    """A line that is still on its way: it may lack its account or its amount, and need not balance."""

    number = models.PositiveIntegerField(_("line"))
    account = CompanyForeignKey(Account, null=True, related_name="+", verbose_name=_("account"))
    sub_account = CompanyForeignKey(SubAccount, null=True, related_name="+", verbose_name=_("sub-account"))
    amount = models.DecimalField(_("amount"), max_digits=30, decimal_places=12, null=True)
    currency = models.CharField(_("currency"), max_length=24, blank=True)
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12, null=True)
    base_amount = models.DecimalField(_("amount in base currency"), max_digits=24, decimal_places=6, null=True)
    memo = models.TextField(_("memo"), blank=True)
    dimensions = models.JSONField(
        _("dimensions"), default=dict, help_text=_("Dimension to value; or to percents by value.")
    )
    statistical = models.BooleanField(_("statistical"), default=False)

    class Meta:
        abstract = True


class EntryTemplate(CompanyModel):
    """An entry to start from, under a name."""

    name = models.CharField(_("name"), max_length=100)
    journal = CompanyForeignKey(Journal, related_name="+", verbose_name=_("journal"))
    memo = models.TextField(_("memo"), blank=True)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("entry template")
        verbose_name_plural = _("entry templates")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="entry_template_name"),
            models.CheckConstraint(condition=~Q(name=""), name="entry_template_name_present"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateLine(ProposedLine):
    """A line of a template."""

    template = CompanyForeignKey(EntryTemplate, on_delete=models.CASCADE, related_name="lines")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["company", "template", "number"], name="template_line_number")]


class RecurringEntry(Recurrence):
    """An entry that comes again by the calendar, made from a template: posted, or drafted for somebody to look at."""

    template = CompanyForeignKey(EntryTemplate, related_name="recurring", verbose_name=_("template"))
    as_draft = models.BooleanField(_("as a draft"), default=False)

    class Meta:
        verbose_name = _("recurring entry")
        verbose_name_plural = _("recurring entries")
        ordering = ["next_date", "id"]
        indexes = [
            models.Index(fields=["company", "next_date"], condition=Q(is_active=True), name="recurring_due")
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(frequency__in=["day", "week", "month", "year"]), name="recurring_unit"),
            models.CheckConstraint(condition=Q(interval__range=(1, 366)), name="recurring_interval"),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gte=models.F("start")), name="recurring_order"),
        ]

    def __str__(self) -> str:
        return f"{self.template}"


class Draft(CompanyModel):
    """A journal entry on its way into the ledger; it becomes an entry by posting, and is kept as its history."""

    # Set by submitting: the plans that the draft goes past, of budgets that warn.
    passed_budgets: Sequence[PassedBudget] = ()

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        POSTED = "posted", _("Posted")

    class AutoReverse(models.TextChoices):
        NEVER = "", _("Never")
        DATE = "date", _("On a date")
        NEXT_PERIOD = "next_period", _("On the first day of the next period")

    journal = CompanyForeignKey(Journal, related_name="+", verbose_name=_("journal"))
    date = models.DateField(_("date"))
    memo = models.TextField(_("memo"), blank=True)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Opens a soft-closed period."))
    auto_reverse = models.CharField(
        _("reverse by itself"), max_length=12, choices=AutoReverse.choices, default=AutoReverse.NEVER, blank=True
    )
    reverse_on = models.DateField(_("reverse on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    total = models.DecimalField(_("total"), max_digits=24, decimal_places=6, default=0)
    makers = ArrayField(models.UUIDField(), default=list, editable=False)
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    submitted_by = models.CharField(_("submitted by"), max_length=200, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    approvals_needed = models.PositiveSmallIntegerField(_("approvals needed"), default=0, editable=False)
    entry = CompanyForeignKey(Entry, null=True, related_name="drafts", verbose_name=_("entry"))
    corrects = CompanyForeignKey(Entry, null=True, related_name="corrections", verbose_name=_("corrects"))
    recurring = CompanyForeignKey(RecurringEntry, null=True, related_name="drafts", verbose_name=_("recurring entry"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-changed_at", "-id"]
        indexes = [
            models.Index(fields=["company", "state", "-changed_at"], name="draft_state"),
            models.Index(fields=["company", "date"], condition=~Q(state="posted"), name="draft_unposted"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "entry"], condition=~Q(entry=None), name="draft_entry_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "approved", "rejected", "posted"]),
                name="draft_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="posted", entry__isnull=False) | (~Q(state="posted") & Q(entry=None)),
                name="draft_posted_as_entry",
            ),
            models.CheckConstraint(
                condition=Q(auto_reverse="date", reverse_on__isnull=False)
                | (Q(auto_reverse__in=["", "next_period"]) & Q(reverse_on=None)),
                name="draft_auto_reverse",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.memo}".strip()

    @property
    def is_editable(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.REJECTED)


class DraftLine(ProposedLine):
    """A line of a draft."""

    draft = CompanyForeignKey(Draft, on_delete=models.CASCADE, related_name="lines")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["company", "draft", "number"], name="draft_line_number")]


class Occurrence(CompanyModel):
    """One coming of a recurring entry: what it became, or why it could not be posted."""

    recurring = CompanyForeignKey(RecurringEntry, related_name="occurrences", verbose_name=_("recurring entry"))
    date = models.DateField(_("date"))
    entry = CompanyForeignKey(Entry, null=True, related_name="+", verbose_name=_("entry"))
    draft = CompanyForeignKey(Draft, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("draft"))
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.TextField(_("why it is not posted"), blank=True)
    skipped = models.BooleanField(_("skipped"), default=False)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering = ["-date"]
        constraints = [
            models.UniqueConstraint(fields=["company", "recurring", "date"], name="occurrence_once"),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, draft=None, problem="")
                | Q(entry=None, draft__isnull=False, problem="")
                | (Q(entry=None, draft=None) & ~Q(problem=""))
                | Q(entry=None, draft=None, skipped=True),
                name="occurrence_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurring} {self.date}"
