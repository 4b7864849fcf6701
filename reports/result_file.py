"""A file of any length on its way to its job: written to disk, packed where it is large."""

import shutil
import tempfile
import zipfile
from typing import Any, NamedTuple, Self

from django.utils.translation import gettext as _

from jobs.files import FileTooLarge
from jobs.models import LARGEST_FILE

# Larger files are packed: texts of this kind shrink to a tenth.
LARGEST_PLAIN = 5 * 1024 * 1024


class KeptFile(NamedTuple):
    """What is kept with the job."""

    name: str
    content: bytes
    content_type: str


class ResultFile:
    """Takes the pieces of a file one after the other; memory holds none but the last. Used with `with`."""

    def __enter__(self) -> Self:
        self._file: Any = tempfile.TemporaryFile()
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def begin(self, name: str, content_type: str) -> None:
        """The name and type of the file."""
        self._name, self._content_type = name, content_type

    def write(self, piece: bytes) -> None:
        """The next piece."""
        self._file.write(piece)

    def content(self) -> KeptFile:
        """The whole file, or a ZIP archive of it where it is large. Refused: `file_too_large` (above 50 MB packed)."""
        size = self._file.tell()
        self._file.seek(0)
        if size <= LARGEST_PLAIN:
            return KeptFile(self._name, self._file.read(), self._content_type)
        with tempfile.TemporaryFile() as packed:
            with (
                zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
                archive.open(self._name, "w", force_zip64=True) as inside,
            ):
                shutil.copyfileobj(self._file, inside, 1024 * 1024)
            if packed.tell() > LARGEST_FILE:
                raise FileTooLarge(_("The file is larger than 50 MB, even packed: export fewer days."), place="to")
            packed.seek(0)
            return KeptFile(f"{self._name}.zip", packed.read(), "application/zip")
