"""The forms of sending: a document by e-mail, and the words that e-mails say."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.forms_contacts import LANGUAGES
from invoicing.mail_templates import PLACES
from invoicing.mail_words import LONGEST_BODY, LONGEST_SUBJECT, filled
from invoicing.mailing import mail_values, mail_words_of
from invoicing.models import Document, MailTemplate
from invoicing.pdf import LAYOUTS
from tenants.forms import RefusableForm


class MailForm(RefusableForm):
    """To whom a document goes, in which words and as which file."""

    fields_of_places = {"body_text": "body"}

    to = forms.CharField(label=_("To"), max_length=2000, help_text=_("Several with commas between them."))
    cc = forms.CharField(label=_("Copy to"), max_length=2000, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=_("Text"), max_length=LONGEST_BODY, widget=forms.Textarea({"rows": 9}),
        help_text=_("{link} becomes the address where the reader sees the document without signing in."),
    )  # fmt: skip
    form = forms.ChoiceField(label=_("Attached"), choices=[("pdf", _("PDF"))])
    layout = forms.ChoiceField(label=_("Layout"), choices=[(name, name) for name in LAYOUTS])
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, document: Document, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words, values = mail_words_of(document), mail_values(document)
        if document.state == Document.State.POSTED:
            fields: dict[str, Any] = self.fields
            fields["form"].choices = [("pdf", _("PDF")), ("facturx", _("Factur-X (PDF with e-invoice)"))]
        self.initial = {
            "to": document.contact.email, "subject": filled(words.subject, values),
            "body": filled(words.body, values), "layout": LAYOUTS[0], "key": uuid.uuid4(),
        }  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        """What `mail_document` takes."""
        asked = dict(self.cleaned_data)
        people = {name: [one.strip() for one in asked[name].split(",") if one.strip()] for name in ("to", "cc")}
        return {**asked, **people, "key": str(asked["key"])}


class MailTemplateForm(RefusableForm):
    """What an e-mail says, for a purpose and a language."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=MailTemplate.Purpose.choices)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Every other one")), *LANGUAGES[1:]]
    )
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(label=_("Text"), max_length=LONGEST_BODY, widget=forms.Textarea({"rows": 10}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def places(self) -> list[tuple[Any, list[str]]]:
        """What the texts may have filled in, by purpose."""
        return [(label, [f"{{{name}}}" for name in PLACES[purpose]]) for purpose, label in MailTemplate.Purpose.choices]
