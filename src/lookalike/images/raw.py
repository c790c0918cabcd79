"""Raw files of cameras, read by the JPEG preview that the camera put into them; needs the ``raw`` extra."""

from __future__ import annotations

import io

import rawpy
from PIL import Image
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile

_ORIENTATIONS = {3: 3, 5: 8, 6: 6}
"""EXIF orientations of what LibRaw calls flips: half a turn, and a quarter to the left and to the right."""


class RawPreview(JpegImageFile):
    """The largest preview of a raw file, as if it were a JPEG file."""

    format = "RAW"
    format_description = "preview of a raw file"

    def _open(self) -> None:
        if self.fp is None:
            raise ValueError("no file")
        with rawpy.imread(io.BytesIO(self.fp.read())) as raw:
            preview, flip = raw.extract_thumb(), raw.sizes.flip
        if isinstance(preview.data, bytes):
            file = io.BytesIO(preview.data)
        else:
            file = io.BytesIO()
            Image.fromarray(preview.data).save(file, "JPEG", quality=95)
            file.seek(0)
        self.fp, self._exclusive_fp = file, True
        super()._open()
        exif = self.getexif()
        if Base.Orientation not in exif:
            exif[Base.Orientation] = _ORIENTATIONS.get(flip, 1)


DECODER = RawPreview
