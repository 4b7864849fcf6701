"""E-mails on their way out: written with the act that sends them, handed to the mail server after its commit."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.outgoing import DUE, Outgoing, OutgoingState


class MailState(models.TextChoices):
    """How far the mail is; whether an `unknown` one went out only a person can find out."""

    WAITING = OutgoingState.WAITING.value, OutgoingState.WAITING.label
    CLAIMED = OutgoingState.CLAIMED.value, OutgoingState.CLAIMED.label
    SENT = "sent", _("Sent")
    FAILED = OutgoingState.FAILED.value, OutgoingState.FAILED.label
    UNKNOWN = "unknown", _("Perhaps sent")
    ABANDONED = OutgoingState.ABANDONED.value, OutgoingState.ABANDONED.label
    CANCELLED = "cancelled", _("Cancelled")


class OutboundMail(Outgoing):
    """One e-mail to people outside. It keeps one Message-ID, whatever becomes of its attempts."""

    key = models.CharField(_("key"), max_length=200, help_text=_("Asking twice under one key sends one mail."))
    to = models.JSONField(_("to"), default=list)
    cc = models.JSONField(_("copy to"), default=list, blank=True)
    reply_to = models.CharField(_("answers go to"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250)
    body_text = models.TextField(_("text"))
    body_html = models.TextField(_("text as HTML"), blank=True)
    attachments = models.JSONField(
        _("attachments"), default=list, blank=True, help_text=_("Name, type, and path of the stored file.")
    )
    about = models.CharField(_("about"), max_length=63, blank=True, help_text=_("The kind of row it is about."))
    about_id = models.UUIDField(_("row"), null=True)
    message_id = models.CharField(_("Message-ID"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=MailState.choices, default=MailState.WAITING.value)
    sent_at = models.DateTimeField(_("sent"), null=True)
    actor_type = models.CharField(_("kind of asker"), max_length=20)
    actor_id = models.UUIDField(_("asker"), null=True)
    actor_name = models.CharField(_("asked by"), max_length=200)
    decided_by = models.CharField(_("last sent again or cancelled by"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Outgoing.Meta):
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["company", "next_at"], condition=Q(state__in=[*DUE, "claimed"]), name="outbound_mail_pending"
            ),
            models.Index(fields=["company", "state", "-id"], name="outbound_mail_by_state"),
            models.Index(fields=["company", "about", "about_id"], name="outbound_mail_about"),
        ]
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["company", "key"], name="outbound_mail_key"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="outbound_mail_state"),
            models.CheckConstraint(condition=~Q(to=[]), name="outbound_mail_to_somebody"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbound_mail_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
