"""Calls the functions in an environment that has little else: reads calls, and writes what they give, as JSON.

``python -I -S bare.py FOLDER``: FOLDER holds the packages that there are. It says too which were loaded.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main() -> None:
    # All that there is beside Python itself, which runs without its site-packages.
    sys.path.insert(0, sys.argv[1])
    lite: Any = importlib.import_module("xl_qbs.addin.lite")
    calls = json.load(sys.stdin)
    results = [getattr(lite, name)(*given) for name, given in calls]
    loaded = {name.partition(".")[0] for name in sys.modules}
    sys.stdout.write(json.dumps({"results": results, "missing": lite.missing(), "loaded": sorted(loaded)}))


if __name__ == "__main__":
    main()
