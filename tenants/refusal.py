"""How Daybook says no: every refusal has a stable code, a sentence for a person, and the place it is about."""

from typing import Any


class Refused(Exception):
    """An act was refused for a business reason.

    `code` is stable and part of the API; `place` points into the input (`lines[2].account`); `frozen` refusals
    depend on the state of the books and are remembered under the caller's idempotency key, so that a retry gets
    the same answer.
    """

    code = "refused"
    status = 422
    frozen = False

    def __init__(self, message: str, *, place: str = "", **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.context = context


class NotFound(Refused):
    """What was asked for is not there, or belongs to somebody else: the two look alike."""

    code = "not_found"
    status = 404


class NotPermitted(Refused):
    """The actor's role or credential does not allow the act."""

    code = "not_permitted"
    status = 403


class Conflict(Refused):
    """The row was changed by somebody else meanwhile, or a twin of the request is under way."""

    code = "conflict"
    status = 409
