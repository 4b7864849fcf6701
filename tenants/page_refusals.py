"""How pages show what an act refuses: at the form that asked, or as a message over the page they return to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages

from tenants.refusal import NotFound, NotPermitted, Refused


@contextmanager
def refusals_to(show: Callable[[Refused], object]) -> Iterator[None]:
    """Let `show` say what an act refuses: `with refusals_to(form.show): ...`.

    What is not there or not allowed is no answer to what was typed: it goes on, to a page of its own.
    """
    try:
        yield
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        show(refusal)


def flashed(request: Any) -> Callable[[Refused], None]:
    """Says a refusal over the next page, where there is no form to say it at."""
    return lambda refusal: messages.error(request, refusal.message)
