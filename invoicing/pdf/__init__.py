"""Documents on paper: from a printed document to PDF, in three layouts."""

from invoicing.pdf.typesetting import LAYOUTS, pages_of, pdf_of

__all__ = ["LAYOUTS", "pages_of", "pdf_of"]
