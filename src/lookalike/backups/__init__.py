"""A collection as one file, written while others use it, and made a collection again.

The file is a plain tar archive. Its last member, ``SHA256SUMS``, lists the checksum of each other one as
``sha256sum`` writes it, so that an archive can be checked, and unpacked, without this program.

``archive`` is the file, ``writing`` makes one, ``restoring`` makes a collection of one.
"""

from lookalike.backups.restoring import Restored, restore
from lookalike.backups.writing import Backup, back_up

__all__ = ["Backup", "Restored", "back_up", "restore"]
