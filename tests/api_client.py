"""A small JSON client for API tests."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client


class ApiClient:
    """Speaks JSON to one company's API with a bearer key."""

    def __init__(self, company: Any, key: str) -> None:
        self.base = f"/api/v1/companies/{company.slug}/"
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, **query: Any) -> Any:
        answer: Any = self.client.get(self.base + path, query)
        return _whole(answer) if answer.streaming and answer["Content-Type"] == "application/json" else answer

    def report(self, name: str, **query: Any) -> Any:
        """What a report says, however it is sent."""
        answer = self.get(f"reports/{name}/", **query)
        assert answer.status_code == 200, answer
        return answer.json()

    def post(self, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        return self._send("post", path, body, key, headers)

    def patch(self, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        return self._send("patch", path, body, key, headers)

    def put(self, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        return self._send("put", path, body, key, headers)

    def delete(self, path: str, key: str = "", **headers: str) -> Any:
        return self._send("delete", path, None, key, headers)

    def _send(self, method: str, path: str, body: Any, key: str, headers: dict[str, str]) -> Any:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            names["Idempotency-Key"] = key
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        send = getattr(self.client, method)
        return send(self.base + path, data=data, content_type="application/json", headers=names)


def _whole(answer: Any) -> Any:
    """The same answer with its JSON read to the end, as a program reads it."""
    found: Any = HttpResponse(b"".join(answer.streaming_content), content_type="application/json")
    found.json = lambda: json.loads(found.content)
    return found
