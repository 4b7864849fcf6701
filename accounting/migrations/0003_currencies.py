import csv
from pathlib import Path

from django.db import migrations


def add_currencies(apps, schema_editor):
    """The currencies of ISO 4217 with the exponents that the standard gives them."""
    currency = apps.get_model("accounting", "Currency")
    with (Path(__file__).parent.parent / "currencies.csv").open(encoding="utf-8") as file:
        currency.objects.using(schema_editor.connection.alias).bulk_create(
            currency(code=row["code"], name=row["name"], decimals=int(row["decimals"])) for row in csv.DictReader(file)
        )


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_guards")]

    operations = [migrations.RunPython(add_currencies, migrations.RunPython.noop)]
