"""Work outside the request: what is asked for, how far it is, what came of it, and the files that belong to it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel, CompanyQuerySet

LARGEST_FILE = 50 * 1024 * 1024


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNDER_WAY = [State.QUEUED, State.RUNNING]
ENDED = [State.SUCCEEDED, State.FAILED, State.CANCELLED]


class JobQuerySet(CompanyQuerySet):
    """Jobs in the words of the people who wait for them."""

    def held(self, *, skip_locked: bool = False) -> "JobQuerySet":
        """Locked until the transaction ends; a handler that adds files to its job meanwhile is not in the way."""
        return self.select_for_update(no_key=True, skip_locked=skip_locked)

    def under_way(self) -> "JobQuerySet":
        """Waiting or running."""
        return self.filter(state__in=UNDER_WAY)

    def due(self) -> "JobQuerySet":
        """To be run now: waiting ones whose time has come, and running ones whose worker went silent."""
        waiting = Q(state=State.QUEUED, run_after__lte=Now())
        orphaned = Q(state=State.RUNNING, lease_until__lt=Now())
        return self.under_way().filter(waiting | orphaned)

    def for_list(self) -> "JobQuerySet":
        """Newest first, without the parts that only the job's own page shows."""
        return self.order_by("-id").defer("parameters", "result")


class Job(CompanyModel):
    """One piece of background work. The row is the truth; the broker only carries its id."""

    kind = models.CharField(_("kind"), max_length=100)
    key = models.CharField(_("key"), max_length=200, help_text=_("Asking twice under one key makes one job."))
    parameters = models.JSONField(_("parameters"), default=dict)
    permissions = models.JSONField(default=list, editable=False, help_text=_("What the asker was allowed to do."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("of"), default=0, help_text=_("0 as long as nobody knows."))
    message = models.CharField(_("message"), max_length=500, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=100, blank=True)
    error_message = models.TextField(_("what went wrong"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("most attempts"), default=5)
    run_after = models.DateTimeField(_("not before"), default=timezone.now)
    handed_at = models.DateTimeField(null=True, editable=False, help_text=_("When the broker last got it."))
    lease_token = models.UUIDField(null=True, editable=False, help_text=_("The worker that holds it."))
    lease_until = models.DateTimeField(null=True, editable=False)
    cancel_requested = models.BooleanField(_("to be cancelled"), default=False)
    cancelled_by = models.CharField(_("cancelled by"), max_length=200, blank=True)
    actor_type = models.CharField(_("kind of asker"), max_length=20)
    actor_id = models.UUIDField(_("asker"), null=True)
    actor_name = models.CharField(_("asked by"), max_length=200)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [
            # The moving columns (lease, progress) stay out of every index, so that progress updates stay in place.
            models.Index(fields=["company", "run_after"], condition=Q(state__in=UNDER_WAY), name="job_under_way"),
            models.Index(fields=["company", "state", "-id"], name="job_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="job_key"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state"),
            models.CheckConstraint(condition=Q(done__gte=0, total__gte=0), name="job_progress"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="job_held_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False)
                | Q(state__in=UNDER_WAY, finished_at__isnull=True),
                name="job_finished_when_ended",
            ),
            models.CheckConstraint(condition=~Q(state=State.FAILED) | ~Q(error_code=""), name="job_failed_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        """The kind in words: `ledger.import_journal` is “Import journal”."""
        return self.kind.rpartition(".")[2].replace("_", " ").capitalize()

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int | None:
        """How far the job is; None as long as nobody knows."""
        return min(100, self.done * 100 // self.total) if self.total else None


class JobFile(CompanyModel):
    """A file that was handed in with a job, or that the job made. A later file of the same name takes its place."""

    class Role(models.TextChoices):
        INPUT = "input", _("Handed in")
        OUTPUT = "output", _("Made by the job")

    job = CompanyForeignKey(Job, related_name="files")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    content = models.BinaryField(_("content"))
    sha256 = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField(_("bytes"))
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")
        ordering = ["job", "role", "name", "-id"]
        indexes = [models.Index(fields=["company", "job", "role", "name", "-id"], name="jobfile_of_job")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["input", "output"]), name="jobfile_role"),
            models.CheckConstraint(
                condition=Q(size__lte=LARGEST_FILE, size=Func(F("content"), function="octet_length")),
                name="jobfile_size",
            ),
            models.CheckConstraint(
                condition=Q(sha256=Func(F("content"), function="sha256", output_field=models.BinaryField())),
                name="jobfile_sha256",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sha256_hex(self) -> str:
        return bytes(self.sha256).hex()
