"""Integrations: they send each call with its key until it is answered, as one must who may not lose or double a call."""

import contextlib
import dataclasses
import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 150.0
UNANSWERED = 0  # the connection was refused or broke off
# "Not now": the call is sent again, with its key.
TRY_AGAIN = {UNANSWERED, 409, 429, 503}


@dataclasses.dataclass(frozen=True)
class Answer:
    """The answer to a call."""

    status: int
    body: Any = None

    @property
    def is_final(self) -> bool:
        """Whether the call need not be sent again."""
        return self.status not in TRY_AGAIN and self.status < 500


class Caller:
    """Calls the API of one company, and remembers every answer that was no final one."""

    def __init__(self, port: int, credential: str, company: str = "") -> None:
        self.statuses: dict[int, int] = {}
        self.faults: list[str] = []
        self._port = port
        self._headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self._base = f"/api/v1/companies/{company}/"

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Answer:
        """Send the call until it has its answer."""
        deadline = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not (answer := self.try_once(method, self._base + path, body, key)).is_final:
            assert time.monotonic() < deadline, f"{path} was never answered, last by {answer}"
            pause.wait(random.uniform(0.02, 0.2))
        return answer

    def upload(self, path: str, fields: dict[str, str], content: bytes, key: str) -> Answer:
        """Send a file until it has its answer."""
        return self.call("POST", path, _Form(fields, content), key)

    def try_once(self, method: str, path: str, body: Any = None, key: str = "") -> Answer:
        """One attempt; a broken connection is an answer too: nobody knows what became of the call."""
        headers = {**self._headers, "Host": "localhost"} | ({"Idempotency-Key": key} if key else {})
        data: Any = None
        if isinstance(body, _Form):
            headers["Content-Type"], data = body.content_type, body.encoded()
        elif body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            try:
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                status, text = response.status, response.read()
            except (OSError, http.client.HTTPException):
                status, text = UNANSWERED, b""
        self._note(status, method, path, text)
        try:
            return Answer(status, json.loads(text) if text else None)
        except ValueError:
            return Answer(status, text)

    def _note(self, status: int, method: str, path: str, text: bytes) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 500 and status != 503:
            self.faults.append(f"{status} {method} {path}: {text[:300]!r}")


class _Form:
    """A file with fields, as a browser sends it."""

    def __init__(self, fields: dict[str, str], content: bytes) -> None:
        self._fields, self._content = fields, content
        self.content_type = "multipart/form-data; boundary=daybook"

    def encoded(self) -> bytes:
        parts = [
            f'--daybook\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in self._fields.items()
        ]
        file = '--daybook\r\nContent-Disposition: form-data; name="file"; filename="journal.csv"\r\n\r\n'
        return "".join([*parts, file]).encode() + self._content + b"\r\n--daybook--\r\n"


class Working(threading.Thread):
    """Something that is done beside the test; `finish` gives its result, or its error."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error

    def finish(self) -> Any:
        self.join(2 * PATIENCE)
        assert not self.is_alive(), "a caller does not come to an end"
        if self._error:
            raise self._error
        return self._result
