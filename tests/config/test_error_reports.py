"""A fault reaches the Sentry that is named, without what the books hold."""

import gzip
import http.server
import os
import subprocess
import sys
import threading

import brotli

from config.environment import BASE_DIR

FAULT = """
import config.error_reports, sentry_sdk
config.error_reports.start()
def post(amount):
    secret_amount = amount
    raise RuntimeError("the posting broke")
try:
    post("4711.00")
except RuntimeError:
    sentry_sdk.capture_exception()
    sentry_sdk.flush(5)
"""


class Sentry(http.server.BaseHTTPRequestHandler):
    received: list[str] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(self.headers["Content-Encoding"], bytes)
        self.received.append(unpack(body).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


def run(code, **environment):
    values = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=values, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_a_fault_is_reported_without_local_variables():
    Sentry.received.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Sentry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        run(FAULT, SENTRY_DSN=f"http://key@127.0.0.1:{server.server_port}/1")
        server.shutdown()
        thread.join()

    text = "".join(Sentry.received)
    assert "the posting broke" in text
    assert "secret_amount" not in text.replace("secret_amount = amount", "")
    assert "4711.00" not in text.replace('post("4711.00")', "")


def test_without_an_address_nothing_is_loaded():
    code = "import sys, config.error_reports as r; r.start(); print('sentry_sdk' in sys.modules)"

    assert run(code, SENTRY_DSN="") == "False"
