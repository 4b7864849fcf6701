"""What a demo company sells and buys again and again."""

from decimal import Decimal

from accounting.items import add_item
from accounting.models import Account
from reports.demo_books import STORIES, DemoBooks, Story

# Code, name, unit (UN/ECE rec. 20), sale price, purchase price.
Line = tuple[str, str, str, str | None, str | None]
ITEMS: dict[Story, tuple[Line, ...]] = {
    STORIES["harbour"]: (
        ("TEA-EB-50", "English breakfast tea, 50 bags", "C62", "3.20", "1.45"),
        ("TEA-EG-50", "Earl Grey tea, 50 bags", "C62", "3.40", "1.60"),
        ("COFFEE-1KG", "Coffee beans, medium roast", "KGM", "14.90", "8.75"),
        ("BISCUIT-12", "Shortbread, case of 12 tins", "XCS", "46.80", "29.40"),
        ("MARMALADE-6", "Marmalade, case of 6 jars", "XCS", "19.50", "11.10"),
        ("CRATE", "Wooden crate", "C62", "12.00", "7.25"),
        ("PALLET", "Euro pallet", "C62", "18.00", "13.50"),
        ("STORAGE", "Storage by the day", "DAY", "9.50", None),
        ("DELIVERY", "Delivery by van", "KMT", "1.15", None),
        ("PRINT-LABEL", "Printed labels, by the thousand", "MIL", None, "62.00"),
    ),
    STORIES["nordlicht"]: (
        ("DESIGN-H", "Graphic design", "HUR", "95.00", None),
        ("DEVELOP-H", "Web development", "HUR", "110.00", None),
        ("CONSULT-H", "Consulting", "HUR", "130.00", None),
        ("WORKSHOP", "Workshop of a day", "DAY", "980.00", None),
        ("LOGO", "Logo, three drafts", "C62", "1450.00", None),
        ("HOSTING", "Hosting by the month", "MON", "39.00", "14.50"),
        ("DOMAIN", "Domain by the year", "ANN", "24.00", "9.80"),
        ("PHOTO-D", "Photographer by the day", "DAY", "890.00", "640.00"),
        ("PRINT-FLYER", "Flyers, by the thousand", "MIL", "210.00", "128.00"),
        ("FONT", "Font licence", "C62", None, "49.00"),
    ),
}  # fmt: skip


def add_items(books: DemoBooks) -> None:
    """Ten goods and services, on the accounts of the company's sales and purchases; in the current scope."""
    accounts = Account.objects.for_company(books.company)
    sales = accounts.get(pk=books.chart.in_role("sales").id)
    purchases = accounts.get(pk=books.chart.in_role("purchases").id)
    for code, name, unit, sold, bought in ITEMS[books.story]:
        add_item(
            code=code, name=name, unit=unit, sale_price=Decimal(sold) if sold else None,
            purchase_price=Decimal(bought) if bought else None, income_account=sales if sold else None,
            expense_account=purchases if bought else None,
        )  # fmt: skip
