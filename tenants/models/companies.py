"""Companies, the people and credentials that may enter them, and the trail of what they changed."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel, new_id
from tenants.permissions import ApiScope, Role


class UserManager(BaseUserManager["User"]):
    """Makes users; the e-mail address is the name they sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who may sign in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An operator of the installation, who may also create companies."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person. What they may do comes from their membership in the company they are working in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(_("operator of the installation"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Everybody may open the admin: it shows what the role in the company allows."""
        return self.is_active

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin asks the company scope instead (tenants.admin); nothing else may rely on this."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


def validate_time_zone(value: str) -> None:
    """Refuse what is no name of a time zone."""
    if value not in available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value})


class Company(models.Model):
    """A tenant: one set of books."""

    class Rounding(models.TextChoices):
        HALF_UP = "half_up", _("Half up (commercial)")
        HALF_EVEN = "half_even", _("Half even (bankers)")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("short name in addresses"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_form = models.CharField(_("legal form"), max_length=100, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=50, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Two letters, ISO 3166."))
    base_currency = models.CharField(
        _("base currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")], help_text=_("ISO 4217.")
    )
    year_start_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(_("language"), max_length=10, default="en")
    rounding = models.CharField(
        _("rounding"), max_length=10, choices=Rounding.choices, default=Rounding.HALF_UP,
        help_text=_("How an amount in another currency becomes one in base currency."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(year_start_month__range=(1, 12)), name="company_year_start_month"),
            models.CheckConstraint(condition=Q(base_currency__regex="^[A-Z]{3}$"), name="company_base_currency"),
            models.CheckConstraint(condition=Q(rounding__in=["half_up", "half_even"]), name="company_rounding"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(CompanyModel):
    """A person's role in a company."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class ApiCredential(CompanyModel):
    """A key for a program. Only the hash is kept; the key is shown once, when it is made."""

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    key_hash = models.BinaryField(max_length=32, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, help_text=", ".join(ApiScope.values))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API credential")
        verbose_name_plural = _("API credentials")
        constraints = [models.UniqueConstraint(fields=["company", "key_hash"], name="api_credential_key")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEvent(CompanyModel):
    """One change of one row, or one sensitive read: written by the database, never changed."""

    class Operation(models.TextChoices):
        INSERT = "insert", _("created")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")
        READ = "read", _("read")
        ACT = "act", _("act")

    at = models.DateTimeField(_("when"))
    operation = models.CharField(_("operation"), max_length=10, choices=Operation.choices)
    subject = models.CharField(_("table"), max_length=63)
    subject_id = models.UUIDField(_("row"), null=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    act = models.CharField(_("act"), max_length=100)
    reason = models.TextField(_("why"))
    actor_type = models.CharField(_("kind of actor"), max_length=20)
    actor_id = models.UUIDField(_("actor"), null=True)
    actor_name = models.CharField(_("who"), max_length=200)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=200)
    request_id = models.CharField(_("request"), max_length=64)
    address = models.CharField(_("address"), max_length=64)
    user_agent = models.TextField(_("client"))
    session = models.CharField(_("session"), max_length=64)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["company", "subject", "subject_id"], name="audit_subject"),
            models.Index(fields=["company", "-at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.operation} {self.at:%Y-%m-%d %H:%M}"


class IdempotentRequest(CompanyModel):
    """The first answer to a write that carried an `Idempotency-Key`, kept for ever so that a retry gets it again."""

    key = models.CharField(max_length=200)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="idempotent_request_key")]


class OperatorRequest(models.Model):
    """The first answer to a write outside every company, such as creating one, kept with the person who asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="operator_request_key")]
