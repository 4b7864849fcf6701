"""The other side: a web server that webhooks call, and a mail server, as the tests want them to behave."""

import contextlib
import dataclasses
import http.server
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any


@dataclasses.dataclass
class Received:
    """One call of the web server."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(http.server.ThreadingHTTPServer):
    """Answers `/200`, `/500`, `/410` and so on with that status; `/slow`, `/drip`, `/redirect` and `/large` as named."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.calls: list[Received] = []
        self.on_call: Callable[[Received], None] = lambda call: None

    def url(self, path: str = "/200") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Answers(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.calls.append(call)
        self.server.on_call(call)
        with contextlib.suppress(OSError):
            self._answer(self.path.strip("/"))

    def _answer(self, wish: str) -> None:
        if wish == "slow":
            time.sleep(3)
        if wish == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(30):
                self.wfile.write(b"X-%d: 1\r\n" % number)
                time.sleep(0.2)
            return
        code = int(wish[:3]) if wish[:3].isdecimal() else 302 if wish == "redirect" else 200
        self.send_response(code)
        if wish == "redirect":
            self.send_header("Location", self.server.url("/200"))
        if wish.endswith("-later"):
            self.send_header("Retry-After", "7200")
        self.end_headers()
        self.wfile.write(b"x" * 200_000 if wish == "large" else b"said \x00 " + wish.encode())

    def log_message(self, *args: Any) -> None:
        """Silence."""


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails; `wish` makes it refuse the recipient, the content, or hang up after it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Any] = []
        self.recipients: list[str] = []
        self.wish = ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"RCPT":
                self._recipient(line.decode())
            elif verb == b"DATA":
                if not self._content():
                    return
            else:
                self._say("250 ok")

    def _recipient(self, line: str) -> None:
        who = line.partition("<")[2].partition(">")[0]
        if self.server.wish == "nobody" or (self.server.wish == "not-all" and who.startswith("gone")):
            return self._say("550 no such person")
        if self.server.wish == "later":
            return self._say("450 come back later")
        self.server.recipients.append(who)
        return self._say("250 ok")

    def _content(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if self.server.wish == "hang-up":
            return False
        if self.server.wish == "silence":
            time.sleep(2.5)
        self._say("554 spam" if self.server.wish == "spam" else "250 taken")
        return True

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(text.encode() + b"\r\n")


@contextlib.contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server at work in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
