"""Prove the roll-ups: every stored balance recomputed from its lines, on a schedule, for all to see in the metrics."""

from django.db import connection
from prometheus_client import Gauge

from ledger.verification import CHECKS
from tenants.models import Company
from tenants.scope import Actor, company_scope

DIFFERENCES = Gauge(
    "daybook_roll_up_differences",
    "Stored balances that are not the sum of their lines, at the last proof",
    ["company"],
    multiprocess_mode="mostrecent",
)
PROVED_AT = Gauge(
    "daybook_roll_up_proved_timestamp_seconds",
    "When the stored balances were last compared with their lines",
    ["company"],
    multiprocess_mode="mostrecent",
)


def prove_roll_ups(company: Company) -> int:
    """How many balances, stored or summed anew, have no equal on the other side; 0 is the proof."""
    differences = 0
    with company_scope(company, actor=Actor.system("prover"), act="prove roll-ups"), connection.cursor() as cursor:
        for check in CHECKS:
            if check.promise == "C9":
                cursor.execute(check.sql, {"company": company.pk})
                differences += len(cursor.fetchall())
    DIFFERENCES.labels(company.slug).set(differences)
    PROVED_AT.labels(company.slug).set_to_current_time()
    return differences
