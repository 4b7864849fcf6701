"""Reports that were made and kept, and what people decided about them: rows are only added."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from reports.models.schedules import ReportSchedule
from tenants.fields import CompanyForeignKey, CompanyModel


class ReportRun(CompanyModel):
    """One report as it was made: what was asked, the block it was made at, the hash of its figures, its files.

    The files are those of its job; `files` names them with their SHA-256, so that another content is noticed.
    """

    report = models.CharField(_("report"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    asked = models.JSONField(_("what was asked"))
    date = models.DateField(_("last day"))
    start = models.DateField(_("first day"), null=True)
    block_number = models.BigIntegerField(_("as known at block"))
    figures_hash = models.BinaryField(_("hash of the figures"), max_length=32)
    row_count = models.PositiveIntegerField(_("rows"))
    problems = models.JSONField(_("problems"), default=list)
    files = models.JSONField(_("files"))
    job = CompanyForeignKey(Job, related_name="+", verbose_name=_("job"))
    schedule = CompanyForeignKey(
        ReportSchedule, null=True, on_delete=models.PROTECT, related_name="runs", verbose_name=_("schedule")
    )
    occurrence = models.DateField(_("of this day of the schedule"), null=True)
    made_by_id = models.UUIDField(null=True)
    made_by = models.CharField(_("made by"), max_length=200)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("report that was made")
        verbose_name_plural = _("reports that were made")
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["company", "-made_at", "-id"], name="report_run_made")]
        constraints = [
            models.UniqueConstraint(fields=["company", "job"], name="report_run_of_job"),
            models.UniqueConstraint(
                fields=["company", "schedule", "occurrence"], condition=~Q(schedule=None), name="report_run_of_schedule"
            ),
            models.CheckConstraint(
                condition=Q(schedule=None, occurrence=None) | Q(schedule__isnull=False, occurrence__isnull=False),
                name="report_run_occurrence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.date}"


class ReportDecision(CompanyModel):
    """What somebody said about a report: a comment, that it was reviewed, that it is signed off, or that it is not."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        REVIEWED = "reviewed", _("Reviewed")
        SIGNED = "signed", _("Signed off")
        REJECTED = "rejected", _("Rejected")

    run = CompanyForeignKey(ReportRun, related_name="decisions", verbose_name=_("report"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind.choices)
    comment = models.TextField(_("comment"), blank=True)
    by_type = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("decision about a report")
        verbose_name_plural = _("decisions about reports")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["company", "run", "at"], name="report_decision_of_run")]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "run"], condition=Q(kind__in=["signed", "rejected"]), name="report_decided_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["comment", "reviewed", "signed", "rejected"]), name="report_decision_kind"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["comment", "rejected"]) | ~Q(comment=""), name="report_decision_explained"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["reviewed", "signed"]) | Q(by_type="user"), name="report_decision_by_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.by}"
