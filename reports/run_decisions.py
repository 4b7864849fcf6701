"""Review a report that was made, sign it off, reject it, comment on it: by people who did not make it, once."""

from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from reports.models import ReportDecision, ReportRun
from reports.telling import tell_signed
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, NotPermitted, Refused
from tenants.scope import current_scope

Kind = ReportDecision.Kind
LONGEST_COMMENT = 10_000


class RunNotFound(NotFound):
    """The company has made no such report."""


class MakerChecks(NotPermitted):
    """Who made a report does not review it and does not sign it off."""

    code = "maker_is_not_checker"


class RunDecided(Conflict):
    """The report is signed off, or rejected."""

    code = "report_decided"


class BadDecision(Refused):
    """A comment or a rejection says something."""

    code = "invalid_decision"


def comment_on(run_id: UUID, comment: str) -> ReportDecision:
    """Say something about a report. Refused: `not_found`, `invalid_decision`, `not_permitted`."""
    current_scope().require(Permission.EXPORT)
    return _decide(run_id, Kind.COMMENT, comment)


def review(run_id: UUID, comment: str = "") -> ReportDecision:
    """Say that the report was looked through and is right. Refused: `not_found`, `maker_is_not_checker`,
    `report_decided`, `not_permitted`."""
    current_scope().require(Permission.APPROVE)
    return _decide(run_id, Kind.REVIEWED, comment)


@transaction.atomic
def sign_off(run_id: UUID, comment: str = "") -> ReportDecision:
    """Take the report as the company's word, for good. Refused: `not_found`, `maker_is_not_checker`, `report_decided`,
    `not_permitted`."""
    current_scope().require(Permission.APPROVE)
    made = _decide(run_id, Kind.SIGNED, comment)
    tell_signed(made.run, made.by)
    return made


def reject(run_id: UUID, comment: str) -> ReportDecision:
    """Say why the report is not taken; another one is made instead. Refused: `not_found`, `report_decided`,
    `invalid_decision`, `not_permitted`."""
    current_scope().require(Permission.APPROVE)
    return _decide(run_id, Kind.REJECTED, comment)


def run_named(run_id: UUID) -> ReportRun:
    """The report that was made. Refused: `not_found`."""
    found: ReportRun | None = ReportRun.objects.for_company(current_scope().company).filter(pk=run_id).first()
    if found is None:
        raise RunNotFound(_("There is no such report."))
    return found


@transaction.atomic
def _decide(run_id: UUID, kind: str, comment: str) -> ReportDecision:
    scope, run, comment = current_scope(), run_named(run_id), comment.strip()
    if kind in (Kind.COMMENT, Kind.REJECTED) and not comment:
        raise BadDecision(_("Say why.") if kind == Kind.REJECTED else _("Write a comment."), place="comment")
    if kind in (Kind.REVIEWED, Kind.SIGNED) and scope.actor.type != "user":
        raise NotPermitted(_("A report is reviewed and signed off by a person."))
    if len(comment) > LONGEST_COMMENT:
        raise BadDecision(_("A comment has at most %d characters.") % LONGEST_COMMENT, place="comment")
    made = ReportDecision(company=scope.company, run=run, kind=kind, comment=comment, by_type=scope.actor.type,
                          by_id=scope.actor.id, by=scope.actor.name[:200])  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except DatabaseError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint == "report_maker_checks_not":
            raise MakerChecks(_("Who made a report does not check it.")) from error
        if constraint in ("report_decided", "report_decided_once"):
            raise RunDecided(_("The report is decided already.")) from error
        raise
    return made
