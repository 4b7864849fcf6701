"""Call a webhook: one POST to an address that was looked at, with an end to its patience; no database in sight."""

import base64
import contextlib
import dataclasses
import datetime
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from secrets import token_bytes

from django.conf import settings
from django.utils.translation import gettext as _
from standardwebhooks import Webhook

from jobs.models.outgoing import LONGEST_ERROR
from jobs.models.webhooks import LONGEST_EXCERPT
from jobs.plain_values import plain_text
from jobs.webhook_addresses import BadAddress, Target, Unreachable, resolved, target_of

MOST_READ = 64 * 1024
GONE = 410
# A host that says how long to leave it alone is believed up to a day.
LONGEST_PAUSE = 24 * 3600


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call; `status_code` is None where nobody answered."""

    status_code: int | None = None
    error: str = ""
    excerpt: str = ""
    milliseconds: int = 0
    pause: datetime.timedelta | None = None

    @property
    def is_success(self) -> bool:
        return not self.error and self.status_code is not None and 200 <= self.status_code < 300


def new_signing_secret() -> str:
    """A secret of 256 bits, in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(token_bytes(32)).decode()


def signed_headers(id: str, at: datetime.datetime, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """The headers by which the receiver knows that it was us, and when: one signature for each valid secret."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(id, at, body) for secret in secrets),
    }


def post(url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Send the body and say what came of it; never raises. Redirects are not followed."""
    started = time.monotonic()
    limit = float(settings.WEBHOOK_TIMEOUT_SECONDS)
    try:
        target = target_of(url)
        answer = _exchange(_Connection(target, resolved(target), limit), target.path, body, headers)
    except BadAddress as refusal:
        answer = Answer(error=refusal.message)
    except Unreachable as error:
        answer = Answer(error=str(error))
    took = int((time.monotonic() - started) * 1000)
    return dataclasses.replace(answer, milliseconds=took, error=plain_text(answer.error, LONGEST_ERROR))


class _Connection(http.client.HTTPConnection):
    """A connection to the address that was checked; the host's name is in the request and in its certificate."""

    def __init__(self, target: Target, address: str, limit: float) -> None:
        super().__init__(target.host, target.port, timeout=limit)
        self.target, self.address, self.limit = target, address, limit
        self.is_late = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.target.port), timeout=self.limit)
        if self.target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host)

    def end(self) -> None:
        """Time is up, also for a host that sends one byte every now and then."""
        self.is_late = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket: its reader is another thread.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _exchange(connection: _Connection, path: str, body: str, headers: Mapping[str, str]) -> Answer:
    watch = threading.Timer(connection.limit, connection.end)
    watch.daemon = True
    watch.start()
    try:
        sent = {"Content-Type": "application/json", "User-Agent": "Daybook-Webhooks/1", "Connection": "close"}
        connection.request("POST", path, body.encode(), {**sent, **headers})
        response = connection.getresponse()
        read = response.read(MOST_READ)
        if connection.is_late:
            return Answer(error=_too_slow(connection))
        return _understood(response, read)
    except ssl.SSLCertVerificationError as error:
        return Answer(error=_("The certificate is not valid: %s.") % error.verify_message.rstrip("."))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if connection.is_late or isinstance(error, TimeoutError):
            return Answer(error=_too_slow(connection))
        return Answer(error=_("The connection failed: %s.") % (error or type(error).__name__))
    finally:
        watch.cancel()
        connection.close()


def _too_slow(connection: _Connection) -> str:
    return _("No answer within %g seconds.") % connection.limit


def _understood(response: http.client.HTTPResponse, read: bytes) -> Answer:
    code = response.status
    excerpt = plain_text(read.decode("utf-8", "replace"), LONGEST_EXCERPT)
    error = ""
    if 300 <= code < 400:
        error = _("It answered %d: redirects are not followed.") % code
    elif not 200 <= code < 300:
        error = _("It answered %d.") % code
    pause = response.headers.get("Retry-After", "").strip()
    seconds = min(int(pause), LONGEST_PAUSE) if pause.isdecimal() and len(pause) < 10 else 0
    return Answer(code, error, excerpt, pause=datetime.timedelta(seconds=seconds) if seconds else None)
