"""What can be done from a page: a button opens the form as a dialog; once refused, the form stands in the page."""

import dataclasses

from django import forms


@dataclasses.dataclass(frozen=True, slots=True)
class PageAct:
    """One act: its form and where it is sent, what it is called, and the page to go on with without it.

    `label` is on the button that opens the dialog where it differs from the `button` that sends it; `value` is what
    the button says where an address takes several acts; `next` is where the act returns to.
    """

    id: str
    url: str
    form: forms.Form
    title: str
    button: str
    page: str
    hint: str = ""
    label: str = ""
    value: str = ""
    version: int | None = None
    next: str = ""
    is_primary: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether it was tried, and came back with what is wrong."""
        return self.form.is_bound
