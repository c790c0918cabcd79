"""Experiments and training; the product never imports anything from here.

Importing any lab first tells the packages that labs use to keep their own files in the program's cache folder
instead of the home folder. They read these variables when they are imported, so the variables are set here.
"""

import os
from contextlib import suppress

from lookalike.errors import StorageError
from lookalike.settings import cache_folder

_FOLDERS = {
    "MPLCONFIGDIR": "matplotlib",  # or it makes ~/.config/matplotlib and ~/.cache/matplotlib
    "TORCHINDUCTOR_CACHE_DIR": "torch",  # or it makes /tmp/torchinductor_NAME
}
with suppress(StorageError):  # no place at all: they say so themselves if they need one
    for _variable, _name in _FOLDERS.items():
        os.environ.setdefault(_variable, str(cache_folder() / _name))
