"""A county's data as files: read, checked, compared with the database, and written back.

`docs/county-files.md` describes the files for the people who fill them in.
"""

from gateway.county_files.exporting import export_folder
from gateway.county_files.faults import CountyFilesError, Fault
from gateway.county_files.importing import (
    Outcome,
    import_folder,
    new_county_outcome,
    profile_of,
)

__all__ = [
    "CountyFilesError",
    "Fault",
    "Outcome",
    "export_folder",
    "import_folder",
    "new_county_outcome",
    "profile_of",
]
