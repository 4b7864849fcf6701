"""A small JSON client for API tests."""

import json
from typing import Any

from django.test import Client


class ApiClient:
    """Speaks JSON to one company's API with a bearer key."""

    def __init__(self, company: Any, key: str) -> None:
        self.base = f"/api/v1/companies/{company.slug}/"
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(self.base + path, query)

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
