"""What leaves for another system: when it is due, which worker holds it, and how often it was tried."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel, CompanyQuerySet

LONGEST_ERROR = 1000


class OutgoingState(models.TextChoices):
    """The states that everything outgoing shares; `failed` is tried again by itself, `abandoned` is not."""

    WAITING = "waiting", _("Waiting")
    CLAIMED = "claimed", _("Under way")
    FAILED = "failed", _("Failed, tried again")
    ABANDONED = "abandoned", _("Given up")


DUE = [OutgoingState.WAITING, OutgoingState.FAILED]


class OutgoingQuerySet(CompanyQuerySet):
    """What is outgoing, in the words of who sends it."""

    def due(self) -> "OutgoingQuerySet":
        """To be tried now, for the first time or again."""
        return self.filter(state__in=DUE, next_at__lte=Now())

    def orphaned(self) -> "OutgoingQuerySet":
        """Held by a worker that went silent."""
        return self.filter(state=OutgoingState.CLAIMED, claimed_until__lt=Now())

    def in_hand(self) -> "OutgoingQuerySet":
        """Held by a worker that is at it."""
        return self.filter(state=OutgoingState.CLAIMED, claimed_until__gte=Now())

    def held(self, *, skip_locked: bool = False) -> "OutgoingQuerySet":
        """Locked until the transaction ends; rows that point at it may still be added."""
        return self.select_for_update(no_key=True, skip_locked=skip_locked, of=("self",))


class Outgoing(CompanyModel):
    """One thing to hand to another system after the commit that made it, under one key for all attempts."""

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    claim_token = models.UUIDField(null=True, editable=False, help_text=_("The worker that holds it."))
    claimed_until = models.DateTimeField(null=True, editable=False)
    error = models.CharField(_("what went wrong"), max_length=LONGEST_ERROR, blank=True)
    at = models.DateTimeField(_("made"), default=timezone.now)

    objects: ClassVar[Any] = OutgoingQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="claimed", claim_token__isnull=False, claimed_until__isnull=False)
                | (~Q(state="claimed") & Q(claim_token__isnull=True, claimed_until__isnull=True)),
                name="%(class)s_held_while_claimed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DUE, next_at__isnull=False) | (~Q(state__in=DUE) & Q(next_at__isnull=True)),
                name="%(class)s_next_while_due",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "abandoned"]) | ~Q(error=""), name="%(class)s_says_why"
            ),
        ]
