import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tenants.fields
from tenants.operations import APPEND, AppendOnly, Grant


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="OperatorRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=200)),
                ("request_hash", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="operator_request_key")],
            },
        ),
        Grant(APPEND, "tenants_operatorrequest"),
        AppendOnly("OperatorRequest"),
    ]
