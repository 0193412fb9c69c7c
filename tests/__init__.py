"""Tests of everything.

Compiled code is kept even where the caller's environment forbids it: else each of the dozens of
processes that tests start, and each worker that collects, compiles the whole product anew.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
