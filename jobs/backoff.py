"""How long to wait before something that failed is tried again: longer each time, and never the same for two."""

import datetime
import random

from django.conf import settings

FACTOR = 3
LONGEST_SECONDS = 20 * 3600


def delay_after(attempts: int) -> datetime.timedelta:
    """The wait after so many attempts: from some seconds up to 20 hours, twelve attempts within three days."""
    first = float(getattr(settings, "OUTGOING_BACKOFF_SECONDS", 10))
    return datetime.timedelta(seconds=min(first * FACTOR ** (attempts - 1), LONGEST_SECONDS) * random.uniform(0.8, 1.2))
