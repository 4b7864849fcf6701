"""Electronic invoices by EN 16931: written as UBL, CII and Factur-X, checked by its rules, and read."""
