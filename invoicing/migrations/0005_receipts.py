import django.db.models.deletion
import django.utils.timezone
import tenants.fields
from django.db import migrations, models
from tenants.operations import APPEND, AppendOnly, CompanyTable

NUMBERS = """
ALTER TABLE public.invoicing_receiptline ADD CONSTRAINT receipt_line_is_number CHECK (quantity <> 'NaN');
"""
NO_NUMBERS = "ALTER TABLE public.invoicing_receiptline DROP CONSTRAINT receipt_line_is_number"


class Migration(migrations.Migration):

    dependencies = [('invoicing', '0004_guards_of_dunning')]

    operations = [
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('date', models.DateField(verbose_name='date')),
                ('reference', models.CharField(blank=True, help_text="The supplier's number of the delivery.", max_length=200, verbose_name='delivery note')),
                ('received_by', models.CharField(max_length=200, verbose_name='received by')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='entered')),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
                ('order', tenants.fields.CompanyForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='invoicing.document', verbose_name='purchase order')),
            ],
            options={
                'verbose_name': 'receipt',
                'verbose_name_plural': 'receipts',
                'ordering': ['date', 'id'],
                'indexes': [models.Index(fields=['company', 'order', 'date'], name='receipt_of_order')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptLine',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=24, verbose_name='quantity')),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
                ('order_line', tenants.fields.CompanyForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='invoicing.documentline', verbose_name='line of the order')),
                ('receipt', tenants.fields.CompanyForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoicing.receipt')),
            ],
            options={
                'verbose_name': 'line of a receipt',
                'verbose_name_plural': 'lines of receipts',
                'indexes': [models.Index(fields=['company', 'order_line'], name='receipt_line_order')],
                'constraints': [
                    models.UniqueConstraint(fields=('company', 'receipt', 'order_line'), name='receipt_line_once'),
                    models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='receipt_line_something'),
                ],
            },
        ),
        CompanyTable("Receipt", rights=APPEND),
        AppendOnly("Receipt"),
        CompanyTable("ReceiptLine", rights=APPEND, audit=False),
        AppendOnly("ReceiptLine"),
        migrations.RunSQL(NUMBERS, NO_NUMBERS),
    ]
