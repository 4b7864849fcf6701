"""Companies, the people and credentials that may enter them, approvals, and the trail of what was changed."""

from tenants.models.approvals import Approval, ApprovalRule, Delegation
from tenants.models.companies import (
    ApiCredential,
    AuditEvent,
    Company,
    IdempotentRequest,
    Membership,
    OperatorRequest,
    User,
    UserManager,
    validate_time_zone,
)

__all__ = [
    "ApiCredential",
    "Approval",
    "ApprovalRule",
    "AuditEvent",
    "Company",
    "Delegation",
    "IdempotentRequest",
    "Membership",
    "OperatorRequest",
    "User",
    "UserManager",
    "validate_time_zone",
]
