"""The columns of payments that are imported."""

from accounting.table_columns import DAY, FLAG, NUMBER, Column

COLUMNS = (
    Column("way", "`receipt` from a customer, `payment` to a supplier, `refund` to a customer, `returned` by a "
           "supplier; blank: a receipt, or to who only supplies a payment", "receipt", called=("kind", "Art")),
    Column("contact", "Number or name", "Adatum Ltd",
           called=("customer", "supplier", "vendor", "Kunde", "Lieferant"), required=True),
    Column("date", "Day on which the money moved", "2026-03-31", DAY, ("payment date", "Datum"), True),
    Column("amount", "Above zero", "960.00", NUMBER, ("paid", "Betrag"), True),
    Column("currency", "Blank: the contact's, or the company's", called=("Währung",)),
    Column("rate", "Base currency for one; blank: the rate of the day", "", NUMBER, ("exchange rate", "Kurs")),
    Column("account", "Code of the bank or cash account; blank: the bank account of the chart", called=("bank",)),
    Column("method", "`transfer`, `direct_debit`, `card`, `cash`, `cheque` or `other`; blank: `transfer`"),
    Column("reference", "What the bank statement says", "Statement 7", called=("Referenz", "Verwendungszweck")),
    Column("documents", "What it is for, by number or reference, as `INV-1:100.00; INV-2`; without an amount all that "
           "is open, as far as the payment goes; blank: it stays open", called=("invoices", "Rechnungen")),
    Column("prepayment", "Whether what is for nothing yet stands as an advance; blank: no", "", FLAG, ("advance",)),
    Column("memo", "Internal note", called=("note",)),
    Column("reason", "Opens a soft-closed period"),
)  # fmt: skip
