"""Experiments and training; the product never imports anything from here.

Importing any lab first tells the packages that labs use to keep their own files in the program's cache folder
instead of the home folder. They read these variables when they are imported, so the variables are set here.
"""

import os

from lookalike.settings import cache_folder

for _variable, _value in {
    "MPLCONFIGDIR": cache_folder() / "matplotlib",  # or it makes ~/.config/matplotlib and ~/.cache/matplotlib
    "TORCHINDUCTOR_CACHE_DIR": cache_folder() / "torch",  # or it makes /tmp/torchinductor_NAME
}.items():
    os.environ.setdefault(_variable, str(_value))
