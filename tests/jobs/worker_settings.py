"""The settings of a worker that a test starts: its kinds of work, and no patience."""

from config.settings import *  # noqa: F403
from config.settings import JOB_KINDS
from tests.jobs.kinds import KINDS

JOB_KINDS = {**JOB_KINDS, **KINDS}
JOB_LEASE_SECONDS = 2
JOB_HANDOVER_SECONDS = 5
CELERY_BEAT_SCHEDULE = {"relay-jobs": {"task": "jobs.tasks.relay", "schedule": 0.5}}
