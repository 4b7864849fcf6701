"""What authorities call the accounts: mapped, taken back, kept inside the company, installed, in and out as CSV."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounting.accounts import AccountInUse, change_account, delete_account, open_account
from accounting.chart_files import COLUMNS, export_chart, import_chart
from accounting.chart_installation import TEMPLATES, install_chart
from accounting.mappings import BadMapping, codes_of, map_account, map_accounts, mapping_of, mappings_of, with_mappings
from accounting.models import Account, AccountMapping
from tenants.companies import create_company
from tenants.models import AuditEvent
from tenants.permissions import permissions_of_role
from tenants.refusal import NotFound, NotPermitted
from tenants.scope import Actor, company_scope
from tests.conftest import make_company


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def account(company, code="1000"):
    return Account.objects.for_company(company).get(code=code)


def rows(company):
    return [(row.account.code, row.scheme, row.code) for row in AccountMapping.objects.for_company(company)]


def test_an_account_is_mapped_renamed_and_taken_back(scope):
    bank = account(scope.company)
    map_account(bank, "datev", " 1200 ")
    map_account(bank, "fec", "512")
    assert mapping_of(scope.company, "datev") == {bank.pk: "1200"}

    map_account(bank, "datev", "1800")
    assert mappings_of(scope.company) == {bank.pk: {"datev": "1800", "fec": "512"}}

    map_account(bank, "datev", "  ")
    map_account(bank, "datev", "")
    assert rows(scope.company) == [("1000", "fec", "512")]


def test_a_code_that_is_there_already_writes_nothing(scope):
    bank = account(scope.company)
    map_account(bank, "datev", "1200")
    with CaptureQueriesContext(connection) as queries:
        map_account(bank, "datev", "1200")
        map_account(bank, "fec", "")

    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT"]


@pytest.mark.parametrize(
    ("scheme", "code"), [("sap", "1200"), ("", "1"), ("datev", "1" * 251), ("datev", "12\x0000"), ("fec", "51\n2")]
)
def test_what_no_scheme_knows_or_no_file_can_hold_is_refused(scope, scheme, code):
    with pytest.raises(BadMapping) as refused:
        map_account(account(scope.company), scheme, code)

    assert refused.value.place == f"mappings.{scheme}"
    assert rows(scope.company) == []


def test_the_longest_code_is_kept_whole(scope):
    bank = account(scope.company)
    map_account(bank, "xbrl", "x" * 250)

    assert mapping_of(scope.company, "xbrl")[bank.pk] == "x" * 250


@pytest.mark.parametrize("role", ["auditor", "clerk", "approver"])
def test_who_may_not_change_accounts_maps_none(company, role):
    with inside(company):
        bank = account(company)
    actor = Actor(type="user", name=role, permissions=permissions_of_role(role))
    with company_scope(company, actor=actor), pytest.raises(NotPermitted):
        map_account(bank, "datev", "1200")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"scheme": "datev", "code": "1201"}, "account_mapping"),
        ({"scheme": "sap", "code": "1"}, "account_mapping_scheme"),
        ({"scheme": "fec", "code": ""}, "account_mapping_code_present"),
    ],
)
def test_the_database_forbids_it_too(scope, values, constraint):
    bank = account(scope.company)
    map_account(bank, "datev", "1200")
    with pytest.raises(IntegrityError, match=f'constraint "{constraint}"'), transaction.atomic():
        AccountMapping.objects.bulk_create([AccountMapping(company=scope.company, account=bank, **values)])

    assert rows(scope.company) == [("1000", "datev", "1200")]


def test_a_model_form_says_so_before_the_database(scope):
    bank = account(scope.company)
    map_account(bank, "datev", "1200")
    with pytest.raises(ValidationError, match="already exists"):
        AccountMapping(company=scope.company, account=bank, scheme="datev", code="1").validate_constraints()


def test_a_stranger_sees_and_changes_no_code(company):
    other = make_company()
    with inside(company):
        map_account(account(company), "datev", "1200")
        theirs = AccountMapping.objects.for_company(company).get()
    with inside(other):
        # cross-company: only row-level security stands between.
        assert AccountMapping.objects.all().count() == 0
        assert AccountMapping.objects.filter(pk=theirs.pk).update(code="9") == 0
        assert AccountMapping.objects.filter(pk=theirs.pk).delete()[0] == 0
    with inside(company):
        assert rows(company) == [("1000", "datev", "1200")]


def test_a_code_cannot_be_hung_on_an_account_of_another_company(company):
    other = make_company()
    with inside(other):
        theirs = account(other)
    with inside(company):
        with pytest.raises(NotFound):
            map_account(theirs, "datev", "1200")
        with pytest.raises(IntegrityError, match="account_id_company"), transaction.atomic():
            AccountMapping.objects.create(company=company, account_id=theirs.pk, scheme="datev", code="1200")


def test_every_change_of_a_code_is_in_the_audit_trail(scope):
    bank = account(scope.company)
    for code in ("1200", "1800", "1800", ""):
        map_account(bank, "datev", code)

    noted = AuditEvent.objects.for_company(scope.company).filter(subject="accounting_accountmapping")
    seen = {(event.operation, (event.before or {}).get("code"), (event.after or {}).get("code")) for event in noted}
    assert seen == {("insert", None, "1200"), ("update", "1200", "1800"), ("delete", "1800", None)}
    assert noted.count() == 3


def test_accounts_are_opened_and_changed_with_their_codes_and_the_version_counts(scope):
    made = open_account(code="1020", name="Bank 2", type="asset", mappings={"datev": "1210", "fec": "5122"})
    changed = change_account(made, version=1, mappings={"datev": "1220", "fec": ""})

    assert (codes_of(changed), changed.version) == ({"datev": "1220"}, 2)


def test_an_account_that_is_refused_leaves_no_trace(scope):
    with pytest.raises(BadMapping):
        open_account(code="1020", name="Bank 2", type="asset", mappings={"sap": "1"})
    with pytest.raises(BadMapping):
        change_account(account(scope.company), name="Other", mappings={"sap": "1"})

    assert not Account.objects.for_company(scope.company).filter(code="1020").exists()
    assert account(scope.company).name == "Bank"


def test_a_mapped_account_that_was_never_used_can_be_deleted_and_a_used_one_keeps_its_codes(scope):
    used = account(scope.company, "4000")
    unused = open_account(code="6000", name="Travel", type="expense", mappings={"datev": "4660"})
    map_account(used, "datev", "8400")
    open_account(code="60", name="Group", type="expense", subtype="heading")
    group = account(scope.company, "60")
    change_account(account(scope.company, "5000"), parent=group)
    map_account(group, "saft", "EXP")
    delete_account(unused)
    with pytest.raises(AccountInUse):
        delete_account(group)

    assert sorted(rows(scope.company)) == [("4000", "datev", "8400"), ("60", "saft", "EXP")]


def test_mapping_and_reading_cost_the_same_for_1_20_and_200_accounts(scope):
    Account.objects.bulk_create(
        Account(company=scope.company, code=f"7{number:03}", name="More", type="expense") for number in range(200)
    )
    ids = list(Account.objects.for_company(scope.company).filter(code__startswith="7").values_list("pk", flat=True))
    costs = []
    for size in (1, 20, 200):
        with CaptureQueriesContext(connection) as queries:
            map_accounts({pk: {"datev": f"4{number:03}{size}"} for number, pk in enumerate(ids[:size])})
            assert len(mapping_of(scope.company, "datev")) == size
            found = with_mappings(scope.company, Account.objects.for_company(scope.company).filter(pk__in=ids[:size]))
            assert all(codes_of(row)["datev"].endswith(str(size)) for row in found)
        costs.append(len(queries))

    assert costs[0] == costs[1] == costs[2]
    with CaptureQueriesContext(connection) as queries:
        mapping_of(scope.company, "datev")
    assert len(queries) == 1


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_shipped_chart_brings_the_codes_it_knows(db, name):
    company = create_company(slug=f"chart-{name.replace('_', '-')}", name="New", base_currency="EUR")
    with inside(company):
        installed = install_chart(name)
        named = {scheme: mapping_of(company, scheme) for scheme in ("saft", "fec", "datev", "xbrl")}
    scheme = {"skr03": "datev", "skr04": "datev", "pcg": "fec"}.get(name)

    for other in set(named) - {scheme}:
        assert named[other] == {}
    if scheme:
        assert named[scheme] == {
            row.pk: row.code for row in installed if not row.is_heading and row.type != "statistical"
        }


def exported():
    return [dict(zip(COLUMNS, row, strict=True)) for row in list(export_chart())[1:]]


def as_text(table, columns=COLUMNS):
    return "\n".join([",".join(columns), *(",".join(row[column] for column in columns) for row in table)])


def test_the_codes_go_out_as_csv_and_come_back_into_an_empty_chart(company):
    other = create_company(slug="mapping-round-trip", name="Other", base_currency="EUR")
    with inside(company):
        map_account(account(company), "datev", "1200")
        map_account(account(company), "xbrl", "de-gaap-ci:bs.ass.currAss.cashEquiv.bank")
        map_account(account(company, "4000"), "saft", "REV")
        table = exported()
    with inside(other):
        done = import_chart(as_text(table))
        again = import_chart(as_text(table))
        assert exported() == table

    assert (done.added, done.problems, again.added, again.changed) == (len(table), [], 0, 0)
    assert [row["saft"] for row in table if row["code"] == "4000"] == ["REV"]


def test_a_file_changes_codes_and_an_empty_cell_or_no_column_changes_none(scope):
    map_account(account(scope.company), "datev", "1200")
    map_account(account(scope.company), "fec", "512")
    head = "code,name,type,datev,fec\n"
    changed = import_chart(f"{head}1000,Bank,asset,1800,\n")
    same = import_chart("code,name,type\n1000,Bank,asset\n")

    assert (changed.changed, same.changed) == (1, 0)
    assert mappings_of(scope.company)[account(scope.company).pk] == {"datev": "1800", "fec": "512"}
    assert account(scope.company).version == 2


def test_the_last_row_of_an_account_in_a_file_stands(scope):
    map_account(account(scope.company), "datev", "1200")
    import_chart("code,name,type,datev\n1000,Bank,asset,1800\n1000,Bank,asset,1200\n")

    assert mapping_of(scope.company, "datev") == {account(scope.company).pk: "1200"}


def test_a_dry_run_counts_codes_and_stores_none_and_names_the_column_of_a_bad_one(scope):
    text = f"code,name,type,datev,fec\n1000,Bank,asset,1800,\n6000,Travel,expense,4660,\n1010,Bank USD,asset,,{'x' * 251}\n"
    told = import_chart(text, dry_run=True)
    done = import_chart(text)

    for result in (told, done):
        assert (result.added, result.changed) == (1, 1)
        assert [(problem.row, problem.column, problem.code) for problem in result.problems] == [
            (4, "fec", "invalid_mapping")
        ]
    assert rows(scope.company) == []


def test_the_export_costs_the_same_for_1_20_and_200_accounts(scope):
    costs = []
    for start, stop in ((0, 1), (1, 20), (20, 200)):
        Account.objects.bulk_create(
            Account(company=scope.company, code=f"7{number:03}", name="More", type="expense")
            for number in range(start, stop)
        )
        added = Account.objects.for_company(scope.company).filter(code__startswith="7").values_list("pk", flat=True)
        map_accounts({pk: {"datev": "4900", "fec": "658"} for pk in added})
        with CaptureQueriesContext(connection) as queries:
            assert sum(row["fec"] == "658" for row in exported()) == stop
        costs.append(len(queries))

    assert costs == [costs[0]] * 3
