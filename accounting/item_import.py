"""Import goods and services from a table: the columns are those of the list as it is exported."""

from django.utils.translation import gettext_lazy as _

from accounting.api_items import TradedItemChangeIn, TradedItemIn
from accounting.item_listing import POINTERS
from accounting.items import ItemInUse, add_item, change_item, delete_item
from accounting.master_data_import import MasterData, keep_rows, of_company, take_back
from accounting.models import Item
from accounting.table_columns import FLAG, NUMBER, Column
from accounting.table_kinds import UPDATE, TableKind
from tenants.permissions import Permission

COLUMNS = (
    Column("code", "Code", "HOUR", called=("number", "item number", "SKU", "Artikelnummer"), required=True),
    Column("name", "Name", "Consulting", called=("item", "Artikel", "Bezeichnung"), required=True),
    Column("description", "As it stands on documents", "Consulting, by the hour", called=("text", "Beschreibung")),
    Column("unit", "UN/ECE recommendation 20: C62 piece, HUR hour, DAY day", "HUR", called=("Einheit",)),
    Column("sale_price", "Price of one unit", "120.00", NUMBER, ("price", "sales price", "Verkaufspreis", "Preis")),
    Column("purchase_price", "Price of one unit", "80.00", NUMBER, ("cost", "Einkaufspreis")),
    Column("currency", "Of the prices; blank: the base currency", called=("Währung",)),
    Column("income_account", "Code", called=("Erlöskonto",)),
    Column("expense_account", "Code", called=("Aufwandskonto",)),
    Column("sales_tax", "Code"),
    Column("purchase_tax", "Code"),
    Column("is_active", "Whether it is in use; blank: yes", "yes", FLAG, ("active", "aktiv")),
)


def _column(place: str) -> str:
    return place if any(column.name == place for column in COLUMNS) else ""


ITEM_DATA = MasterData(
    rows=lambda: of_company(Item, *POINTERS), new=TradedItemIn(), changed=TradedItemChangeIn(), add=add_item,
    change=change_item, delete=delete_item, in_use=ItemInUse, column=_column,
)  # fmt: skip
ITEMS = TableKind(
    name="items", title=_("Items"), columns=COLUMNS, option=UPDATE, needed=(Permission.MANAGE_CONTACTS,),
    page="accounting:item-detail",
    undone=_("Items that it added are removed; those in use by now are taken out of use. What it changed stays "
             "changed: the history of each item says what it was."),
    keep=lambda wanted: keep_rows(wanted, ITEM_DATA), undo=lambda undoing: take_back(undoing, ITEM_DATA),
)  # fmt: skip
