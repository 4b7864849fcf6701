"""Who has to agree before something takes effect: rules by kind and amount, delegations, decisions."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel

MOST_APPROVALS = 5


class ApprovalRule(CompanyModel):
    """From this amount on, a document of this kind needs so many people who did not make it."""

    subject = models.CharField(_("kind of document"), max_length=30)
    scope = models.CharField(
        _("journal"), max_length=60, blank=True, help_text=_("Its code; empty for documents of every journal.")
    )
    minimum = models.DecimalField(
        _("from this amount"), max_digits=24, decimal_places=6, default=0, help_text=_("In base currency.")
    )
    approvals = models.PositiveSmallIntegerField(
        _("approvals"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_APPROVALS)]
    )

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering = ["subject", "scope", "minimum"]
        constraints = [
            models.UniqueConstraint(fields=["company", "subject", "scope", "minimum"], name="approval_rule_once"),
            models.CheckConstraint(condition=Q(minimum__gte=0), name="approval_rule_minimum"),
            models.CheckConstraint(condition=Q(approvals__range=(1, MOST_APPROVALS)), name="approval_rule_approvals"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.scope} ≥ {self.minimum.normalize():f}"


class Delegation(CompanyModel):
    """One person approves in the place of another, for a while."""

    delegator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
                                  verbose_name=_("in the place of"))  # fmt: skip
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
                                 verbose_name=_("approves"))  # fmt: skip
    start = models.DateField(_("from"))
    end = models.DateField(_("up to and including"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["-start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="delegation_order"),
            models.CheckConstraint(condition=~Q(delegate=F("delegator")), name="delegation_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} – {self.delegator}"


class Approval(CompanyModel):
    """What somebody decided about one version of a document; never changed. An edited document is another version."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    subject = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    version = models.PositiveIntegerField()
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    reason = models.TextField(_("reason"), blank=True)
    actor_id = models.UUIDField()
    actor_name = models.CharField(_("who"), max_length=200)
    on_behalf_of_id = models.UUIDField(null=True)
    on_behalf_of = models.CharField(_("in the place of"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "subject", "subject_id", "version", "actor_id"], name="approval_once"
            ),
            models.CheckConstraint(condition=Q(decision__in=["approved", "rejected"]), name="approval_decision"),
            models.CheckConstraint(
                condition=Q(decision="approved") | ~Q(reason=""), name="approval_rejection_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.actor_name}"
