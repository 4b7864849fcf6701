"""Books to export, and the shortest way to a file of them."""

import datetime
import io
import zipfile
from decimal import Decimal
from typing import Any

from jobs.files import content_of
from jobs.models import JobFile, State
from jobs.running import run
from ledger.balances import balances
from ledger.posting import post_many
from reports.statutory.exporting import ask_to_export
from tenants.models import Company
from tenants.scope import Actor, company_scope
from tests.jobs.conftest import look

END = datetime.date(2026, 12, 31)
SIREN = "404833048"


def inside(company: Any) -> Any:
    return company_scope(company, actor=Actor.system("test"))


def settled(company: Any, **fields: Any) -> Any:
    """The company with these settings."""
    Company.objects.filter(pk=company.pk).update(**fields)
    company.refresh_from_db()
    return company


def post(company: Any, *entries: Any) -> Any:
    with inside(company):
        return post_many(entries)


def job_of(company: Any, format: str, **parameters: str) -> Any:
    """The job of an export of 2026, ended."""
    with inside(company):
        job = ask_to_export(format, {"year": "2026", **parameters})
    run(company.pk, job.pk)
    return look(job)


def exported(company: Any, format: str, **parameters: str) -> bytes:
    """The file of an export of 2026, unpacked where it was packed."""
    job = job_of(company, format, **parameters)
    assert job.state == State.SUCCEEDED, (job.error_code, job.error_message)
    with inside(company):
        content = content_of(job, job.result["file"], JobFile.Role.OUTPUT)
    if job.result["file"].endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (name,) = archive.namelist()
            return archive.read(name)
    return content


def refusal_of(company: Any, format: str, **parameters: str) -> str:
    """Why an export of 2026 failed."""
    job = job_of(company, format, **parameters)
    assert job.state == State.FAILED, job.result
    return str(job.error_code)


def balances_by_code(company: Any, date: datetime.date = END) -> dict[str, Decimal]:
    """What the ledger says of every account at the end of a day, in base currency; nothing is left out but nothing."""
    from accounting.chart import chart_of

    found: dict[str, Decimal] = {}
    with inside(company):
        chart = chart_of(company)
        for balance in balances(company, date):
            code = chart.by_id[balance.account_id].code
            found[code] = found.get(code, Decimal(0)) + balance.amount
    return {code: amount for code, amount in found.items() if amount}


def summed(pairs: Any) -> dict[str, Decimal]:
    """Amounts added up by account, without those that are nothing."""
    found: dict[str, Decimal] = {}
    for code, amount in pairs:
        found[code] = found.get(code, Decimal(0)) + amount
    return {code: amount for code, amount in found.items() if amount}
