"""Has a running LibreOffice convert one workbook after the other, over UNO.

Run by a Python that has LibreOffice's `uno`, which the tests' own has not: ``office_driver.py PORT`` reads lines of
JSON (``source`` and ``made``, both URLs, ``filter`` and ``options``) from standard input, and answers each with a line:
what went wrong, or nothing. At the end of its input it ends LibreOffice.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time


def main():
    uno = importlib.import_module("uno")

    def settings(**values):
        made = []
        for name, value in values.items():
            one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
            one.Name, one.Value = name, value
            made.append(one)
        return tuple(made)

    context = connect(uno, sys.argv[1])
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    for line in sys.stdin:
        asked = json.loads(line)
        said = ""
        document = None
        try:
            document = desktop.loadComponentFromURL(asked["source"], "_blank", 0, settings(Hidden=True))
            if document is None:
                said = "it cannot be opened"
            else:
                document.storeToURL(asked["made"], settings(FilterName=asked["filter"], FilterOptions=asked["options"]))
        except Exception as error:
            said = str(error) or type(error).__name__
        finally:
            if document is not None:
                with contextlib.suppress(Exception):
                    document.close(True)
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    with contextlib.suppress(Exception):
        desktop.terminate()


def connect(uno, port):
    """Return the context of a LibreOffice that listens on a port, or will within a minute."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    deadline = time.monotonic() + 60
    while True:
        try:
            return resolver.resolve(f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext")
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()
