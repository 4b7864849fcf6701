"""What the authorities and their formats call the accounts of a chart."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models.chart import Account
from tenants.fields import CompanyForeignKey, CompanyModel


class AccountMapping(CompanyModel):
    """The code of an account in a statutory scheme: a SAF-T category, a FEC or DATEV number, an XBRL tag."""

    class Scheme(models.TextChoices):
        SAFT = "saft", _("SAF-T")
        FEC = "fec", _("FEC")
        DATEV = "datev", _("DATEV")
        XBRL = "xbrl", _("XBRL")

    account = CompanyForeignKey(Account, related_name="mappings", verbose_name=_("account"))
    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme.choices)
    code = models.CharField(_("code"), max_length=250)

    class Meta:
        verbose_name = _("statutory code")
        verbose_name_plural = _("statutory codes")
        ordering = ["scheme"]
        constraints = [
            models.UniqueConstraint(fields=["company", "account", "scheme"], name="account_mapping"),
            models.CheckConstraint(
                condition=Q(scheme__in=["saft", "fec", "datev", "xbrl"]), name="account_mapping_scheme"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="account_mapping_code_present"),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.code}"
