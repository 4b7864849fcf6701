"""Documents on paper: from a printed document to PDF, in three layouts."""

from invoicing.pdf.typesetting import LAYOUTS, pages_of, pdf_of, picture_problem

__all__ = ["LAYOUTS", "pages_of", "pdf_of", "picture_problem"]
