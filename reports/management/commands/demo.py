"""Create the demo installation."""

import os
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.environment import DATA_DIR
from reports.demo import create_demo, finish_demo

FILE = "demo-sign-ins.txt"


class Command(BaseCommand):
    help = (
        "Create two companies with more than a year of books and a sign-in for every role. "
        "Does nothing where there is a company already. The sign-ins are kept in the data directory."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        sign_ins = create_demo(today)
        if not sign_ins:
            self.stdout.write("There are companies already: no demo was made.")
            return
        finish_demo(today)
        lines = [f"{sign_in.email}  {sign_in.password}  ({sign_in.role})" for sign_in in sign_ins]
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        file = os.open(DATA_DIR / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        self.stdout.write("\n".join(lines))
