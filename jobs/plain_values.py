"""Values as a database keeps them: JSON without surprises, texts without what PostgreSQL refuses."""

import json
import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def plain(value: Any) -> Any:
    """The value as JSON gives it back: amounts and dates as text; a `ValueError` or `TypeError` where it cannot."""
    return _keepable(json.loads(json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)))


def plain_text(text: object, longest: int | None = None) -> str:
    """The text without characters that no database keeps, and no longer than the column."""
    kept = _UNKEEPABLE.sub(_REPLACEMENT, str(text))
    return kept if longest is None or len(kept) <= longest else kept[: longest - 1] + "…"


def _keepable(value: Any) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, list):
        return [_keepable(item) for item in value]
    if isinstance(value, dict):
        return {plain_text(name): _keepable(item) for name, item in value.items()}
    return value
