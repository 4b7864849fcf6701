"""Limits under accounts, and amounts that are reserved under them before they are posted."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, SubAccount
from tenants.fields import CompanyForeignKey, CompanyModel


class Limit(CompanyModel):
    """A floor or ceiling under an account or sub-account, with the balance that the database keeps within it.

    Signed like the lines: a wallet (a liability) that must not be overdrawn has the ceiling 0. What is held counts as
    if it were posted: what would lower the balance against the floor, what would raise it against the ceiling.
    """

    account = CompanyForeignKey(Account, related_name="limits", verbose_name=_("account"))
    sub_account = CompanyForeignKey(SubAccount, null=True, related_name="limits", verbose_name=_("sub-account"))
    currency = models.CharField(_("currency"), max_length=24)
    balance = models.DecimalField(_("balance"), max_digits=30, decimal_places=12, default=0)
    held_down = models.DecimalField(_("held, downwards"), max_digits=30, decimal_places=12, db_default=0)
    held_up = models.DecimalField(_("held, upwards"), max_digits=30, decimal_places=12, db_default=0)
    floor = models.DecimalField(_("floor"), max_digits=30, decimal_places=12, null=True)
    ceiling = models.DecimalField(_("ceiling"), max_digits=30, decimal_places=12, null=True)
    sequence = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "account", "sub_account", "currency"], nulls_distinct=False, name="limit_once"
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(floor__lte=F("balance") + F("held_down")), name="limit_floor"
            ),
            models.CheckConstraint(
                condition=Q(ceiling=None) | Q(ceiling__gte=F("balance") + F("held_up")), name="limit_ceiling"
            ),
            models.CheckConstraint(condition=Q(held_down__lte=0, held_up__gte=0), name="limit_held"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.currency}"


class Hold(CompanyModel):
    """An amount kept free under a limit, signed as the line that it waits for; never changed."""

    # Set by `reserve` on what its key was answered with before.
    replayed = False

    limit = CompanyForeignKey(Limit, related_name="holds", verbose_name=_("limit"))
    key = models.CharField(_("idempotency key"), max_length=200)
    body_hash = models.BinaryField(max_length=32)
    amount = models.DecimalField(_("amount"), max_digits=30, decimal_places=12)
    expires_at = models.DateTimeField(_("expires"), null=True)
    memo = models.TextField(_("memo"), blank=True)
    actor_name = models.CharField(_("held by"), max_length=200)
    held_at = models.DateTimeField(_("held at"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-held_at", "-id"]
        indexes = [models.Index(fields=["company", "expires_at"], condition=~Q(expires_at=None), name="hold_expiry")]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="hold_key"),
            models.CheckConstraint(condition=~Q(amount=0), name="hold_not_zero"),
            models.CheckConstraint(condition=~Q(key=""), name="hold_key_present"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.amount}"


class HoldEnd(CompanyModel):
    """How a hold ended, once: posted (wholly or in part), voided, or expired; never changed.

    The entry of a posted one has it as its source (`hold`).
    """

    class Outcome(models.TextChoices):
        POSTED = "posted", _("Posted")
        VOIDED = "voided", _("Voided")
        EXPIRED = "expired", _("Expired")

    hold = CompanyForeignKey(Hold, related_name="ends", verbose_name=_("hold"))
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices)
    reason = models.TextField(_("reason"), blank=True)
    actor_name = models.CharField(_("ended by"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("end of a hold")
        verbose_name_plural = _("ends of holds")
        constraints = [
            models.UniqueConstraint(fields=["company", "hold"], name="hold_end_once"),
            models.CheckConstraint(condition=Q(outcome__in=["posted", "voided", "expired"]), name="hold_end_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.hold} {self.outcome}"
