"""The columns of invoices and bills that are imported: those of the head, and those of a line."""

from accounting.table_columns import DAY, FLAG, NUMBER, Column

DOCUMENT = Column(
    "document", "The number that it has elsewhere; rows with the same one are the lines of one document", "R-2041",
    called=("number", "invoice number", "document number", "Belegnummer", "Rechnungsnummer"), required=True,
)  # fmt: skip
HEAD = (
    Column(
        "contact", "Number or name of the customer or supplier", "Adatum Ltd",
        called=("customer", "supplier", "vendor", "Kunde", "Lieferant"), required=True,
    ),
    Column("date", "Date of the document", "2026-03-15", DAY, ("invoice date", "issue date", "Datum"), True),
    Column("due_date", "Due whole on this day, instead of terms", "", DAY, ("due", "Fälligkeit")),
    Column("tax_date", "Tax point: the rates of this day count", "", DAY, ("supply date", "Leistungsdatum")),
    Column("reference", "Of an invoice their order, of a bill the supplier's number; blank: what `document` says",
           called=("order", "Referenz")),
    Column("currency", "Blank: the contact's, or the company's", called=("Währung",)),
    Column("rate", "Base currency for one; blank: the rate of the day", "", NUMBER, ("exchange rate", "Kurs")),
    Column("terms", "Code of the payment terms; blank: as usual", called=("payment terms", "Zahlungsbedingung")),
    Column("fiscal_position", "Name; blank: as usual"),
    Column("prices_include_tax", "Blank: as usual", "", FLAG, ("gross prices", "brutto")),
    Column("tax_rounding", "`document` or `line`; blank: as usual"),
    Column("cash_step", "Coins that the total is rounded to, such as 0.05", "", NUMBER),
    Column("stated_taxes", "Of a bill: what the supplier reckoned, where it differs: `P20=20.01; P10=3.00`"),
    Column("notes", "Note to the reader", called=("note",)),
    Column("memo", "Internal note", called=("internal note",)),
)  # fmt: skip
LINE = (
    Column("item", "Code of an item; what the line leaves blank comes from it", called=("SKU", "Artikel")),
    Column("description", "What was bought or sold", "Consulting in March", called=("text", "Beschreibung")),
    Column("quantity", "Blank: 1", "8", NUMBER, ("qty", "Menge")),
    Column("unit", "UN/ECE recommendation 20: C62 piece, HUR hour", "HUR", called=("Einheit",)),
    Column("unit_price", "Price of one; blank: the item's", "120.00", NUMBER, ("price", "Einzelpreis", "Preis")),
    Column("discount_percent", "Percent of the line, from 0 to 100", "", NUMBER, ("discount", "Rabatt")),
    Column("account", "Code; blank: of the item, the contact or the company", called=("Konto",)),
    Column("tax", "Code; blank: as usual; `-`: none at all", called=("tax code", "VAT", "Steuer")),
    Column("dimensions", "`department=SALES;project=X`", called=("cost centre",)),
)
COLUMNS = (DOCUMENT, *HEAD, *LINE)
OF_LINE = tuple(column.name for column in LINE)
