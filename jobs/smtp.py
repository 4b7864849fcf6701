"""The mail backend: Django's own for SMTP, which also notes how far a mail got and whom the server did not take."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class _Noting:
    """An SMTP connection that remembers what its last mail came to."""

    # From here on the server may have the mail, whatever we hear of it.
    content_sent = False
    not_taken: dict[str, tuple[int, bytes]] = {}

    def sendmail(self, *args: Any, **kwargs: Any) -> Any:
        self.content_sent = False
        self.not_taken = super().sendmail(*args, **kwargs)  # type: ignore[misc]
        return self.not_taken

    def data(self, msg: Any) -> Any:
        self.content_sent = True
        return super().data(msg)  # type: ignore[misc]


class _Plain(_Noting, smtplib.SMTP):
    """SMTP, with STARTTLS where it is asked for."""


class _Encrypted(_Noting, smtplib.SMTP_SSL):
    """SMTP within TLS."""


class OutboxBackend(EmailBackend):
    """Django's SMTP backend over a connection that notes."""

    @property
    def connection_class(self) -> Any:
        return _Encrypted if self.use_ssl else _Plain

    @property
    def content_sent(self) -> bool:
        """Whether the content of the last mail was on its way."""
        return bool(getattr(self.connection, "content_sent", False))

    @property
    def not_taken(self) -> list[str]:
        """The people of the last mail whom the server refused while it took the others."""
        return sorted(getattr(self.connection, "not_taken", {}))
