from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import tenants.fields
from django.db import migrations, models
from tenants.operations import ALL, APPEND, KEEP, AppendOnly, CompanyTable

HERE = Path(__file__).parent
NO_GUARDS = """
DROP TRIGGER guard_decision ON public.reports_reportdecision;
DROP FUNCTION public.reports_guard_decision;
DROP TRIGGER guard_layout ON public.reports_statementlayout;
DROP FUNCTION public.reports_guard_layout;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0002_webhooks'),
        ('tenants', '0005_approvals'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportSchedule',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('report', models.CharField(max_length=40, verbose_name='report')),
                ('asked', models.JSONField(default=dict, help_text='Besides the days.', verbose_name='what is asked')),
                ('cadence', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month'), ('after_close', 'After a period is closed')], max_length=12, verbose_name='when')),
                ('span', models.CharField(choices=[('day', 'The day before'), ('month', 'The last whole month'), ('quarter', 'The last whole quarter'), ('year_to_date', 'The fiscal year so far')], max_length=14, verbose_name='days')),
                ('forms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=4), default=list, size=None, verbose_name='files')),
                ('recipients', django.contrib.postgres.fields.ArrayField(base_field=models.EmailField(max_length=254), blank=True, default=list, size=None, verbose_name='by e-mail to')),
                ('next_date', models.DateField(help_text='The day on which it is made; after a closing, the day after the last period had ended.', verbose_name='next')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('kept_by_id', models.UUIDField(null=True)),
                ('kept_by', models.CharField(max_length=200, verbose_name='kept by')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
            ],
            options={
                'verbose_name': 'schedule of a report',
                'verbose_name_plural': 'schedules of reports',
                'ordering': ['name', 'id'],
                'indexes': [
                    models.Index(condition=models.Q(('is_active', True)), fields=['company', 'next_date'], name='report_schedule_due'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='report_schedule_named'),
                    models.CheckConstraint(condition=models.Q(('cadence__in', ['daily', 'weekly', 'monthly', 'after_close'])), name='report_schedule_cadence'),
                    models.CheckConstraint(condition=models.Q(('span__in', ['day', 'month', 'quarter', 'year_to_date'])), name='report_schedule_span'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReportRun',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('report', models.CharField(max_length=40, verbose_name='report')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('asked', models.JSONField(verbose_name='what was asked')),
                ('date', models.DateField(verbose_name='last day')),
                ('start', models.DateField(null=True, verbose_name='first day')),
                ('block_number', models.BigIntegerField(verbose_name='as known at block')),
                ('figures_hash', models.BinaryField(max_length=32, verbose_name='hash of the figures')),
                ('row_count', models.PositiveIntegerField(verbose_name='rows')),
                ('problems', models.JSONField(default=list, verbose_name='problems')),
                ('files', models.JSONField(verbose_name='files')),
                ('occurrence', models.DateField(null=True, verbose_name='of this day of the schedule')),
                ('made_by_id', models.UUIDField(null=True)),
                ('made_by', models.CharField(max_length=200, verbose_name='made by')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
                ('job', tenants.fields.CompanyForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job', verbose_name='job')),
                ('schedule', tenants.fields.CompanyForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='reports.reportschedule', verbose_name='schedule')),
            ],
            options={
                'verbose_name': 'report that was made',
                'verbose_name_plural': 'reports that were made',
                'ordering': ['-made_at', '-id'],
                'indexes': [
                    models.Index(fields=['company', '-made_at', '-id'], name='report_run_made'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('company', 'job'), name='report_run_of_job'),
                    models.UniqueConstraint(condition=models.Q(('schedule', None), _negated=True), fields=('company', 'schedule', 'occurrence'), name='report_run_of_schedule'),
                    models.CheckConstraint(condition=models.Q(models.Q(('occurrence', None), ('schedule', None)), models.Q(('occurrence__isnull', False), ('schedule__isnull', False)), _connector='OR'), name='report_run_occurrence'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StatementLayout',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('statement', models.CharField(choices=[('profit-and-loss', 'Profit and loss'), ('balance-sheet', 'Balance sheet'), ('cash-flow-indirect', 'Cash flow, indirect'), ('cash-flow-direct', 'Cash flow, direct')], max_length=20, verbose_name='statement')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('data', models.JSONField(verbose_name='rows')),
                ('is_usual', models.BooleanField(default=False, help_text='Taken where no layout is named.', verbose_name='usual')),
                ('is_retired', models.BooleanField(default=False, verbose_name='retired')),
                ('saved_by', models.CharField(max_length=200, verbose_name='saved by')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
            ],
            options={
                'verbose_name': 'layout of a statement',
                'verbose_name_plural': 'layouts of statements',
                'ordering': ['statement', 'name', '-number'],
                'constraints': [
                    models.UniqueConstraint(fields=('company', 'statement', 'name', 'number'), name='statement_layout_version'),
                    models.UniqueConstraint(condition=models.Q(('is_usual', True)), fields=('company', 'statement'), name='statement_layout_usual'),
                    models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('number__gte', 1)), name='statement_layout_named'),
                    models.CheckConstraint(condition=models.Q(('statement__in', ['profit-and-loss', 'balance-sheet', 'cash-flow-indirect', 'cash-flow-direct'])), name='statement_layout_statement'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReportDecision',
            fields=[
                ('id', models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('comment', 'Comment'), ('reviewed', 'Reviewed'), ('signed', 'Signed off'), ('rejected', 'Rejected')], max_length=10, verbose_name='what')),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('by_type', models.CharField(max_length=20)),
                ('by_id', models.UUIDField(null=True)),
                ('by', models.CharField(max_length=200, verbose_name='by')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('company', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.company')),
                ('run', tenants.fields.CompanyForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='reports.reportrun', verbose_name='report')),
            ],
            options={
                'verbose_name': 'decision about a report',
                'verbose_name_plural': 'decisions about reports',
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['company', 'run', 'at'], name='report_decision_of_run')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ['signed', 'rejected'])), fields=('company', 'run'), name='report_decided_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['comment', 'reviewed', 'signed', 'rejected'])), name='report_decision_kind'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['comment', 'rejected']), _negated=True), models.Q(('comment', ''), _negated=True), _connector='OR'), name='report_decision_explained'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['reviewed', 'signed']), _negated=True), ('by_type', 'user'), _connector='OR'), name='report_decision_by_a_person')],
            },
        ),
        CompanyTable("ReportSchedule", rights=ALL),
        CompanyTable("StatementLayout", rights=KEEP),
        CompanyTable("ReportRun", rights=APPEND),
        AppendOnly("ReportRun"),
        CompanyTable("ReportDecision", rights=APPEND),
        AppendOnly("ReportDecision"),
        migrations.RunSQL((HERE / "guards.sql").read_text(encoding="utf-8"), NO_GUARDS),
    ]
