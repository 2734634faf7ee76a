"""`python -m invsolve` is `invsolve`."""

import sys

from invsolve.cli import main

sys.exit(main())
