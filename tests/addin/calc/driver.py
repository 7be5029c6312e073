"""Sets formulas in LibreOffice Calc over UNO and reads back what the cells show.

Run by a Python that has LibreOffice's `uno`, which the tests' own has not: ``driver.py PORT`` reads cases as
JSON from standard input and writes the results to standard output. `tests.addin.calc.office` says how both look.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
import time
from pathlib import Path

# It is run as a program, by a Python that knows no project.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.office_driver import connect

ERRORS = {521: "#NULL!", 532: "#DIV/0!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!", 32767: "#N/A"}
# The column in which results begin, away from what formulas read; LibreOffice 7.4 has 1,024 of them.
RESULTS = 900
MAKES = {
    "#NULL!": "=#NULL!",
    "#DIV/0!": "=1/0",
    "#VALUE!": '="a"+1',
    "#REF!": "=#REF!",
    "#NAME?": "=NO_SUCH_NAME",
    "#NUM!": "=1E308*10",
    "#N/A": "=NA()",
}


def module_uno():
    """Return LibreOffice's module; the tests' own Python, which collects this file too, has none."""
    return importlib.import_module("uno")


def put(sheet, address, rows, date_format):
    """Fill a range; errors and dates are written as in the talk with the worker."""
    area = sheet.getCellRangeByName(address)
    plain = [
        [float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in row] for row in rows
    ]
    area.setDataArray(tuple(tuple(cell if isinstance(cell, (str, float)) else "" for cell in row) for row in plain))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, dict) and "error" in cell:
                area.getCellByPosition(j, i).setFormula(MAKES[cell["error"]])
            elif isinstance(cell, dict):
                area.getCellByPosition(j, i).setValue(cell["date"])
                area.getCellByPosition(j, i).NumberFormat = date_format
            elif isinstance(cell, bool):
                area.getCellByPosition(j, i).setFormula("=TRUE()" if cell else "=FALSE()")


def read(area):
    """Return the values of a range; an error that has no name in other programs is called by Calc's number."""
    rows = [list(row) for row in area.getDataArray()]
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if cell is None or (isinstance(cell, float) and math.isnan(cell)):
                code = area.getCellByPosition(j, i).getError()
                row[j] = {"error": ERRORS.get(code, f"Err:{code}")}
    return rows


def run(case, document):
    sheet = document.Sheets.getByIndex(0)
    sheet.clearContents(1 | 2 | 4 | 16 | 32)
    # The standard format of a date.
    date_format = document.NumberFormats.getStandardFormat(2, module_uno().createUnoStruct("com.sun.star.lang.Locale"))
    for address, rows in case["cells"].items():
        put(sheet, address, rows, date_format)
    height, width = case["size"]
    area = sheet.getCellRangeByPosition(RESULTS, 0, RESULTS + width - 1, height - 1)
    begun = time.perf_counter()
    if (height, width) != (1, 1):
        area.setArrayFormula(case["formula"])
    else:
        area.getCellByPosition(0, 0).setFormula(case["formula"])
    rows = read(area)
    return {"rows": rows, "seconds": time.perf_counter() - begun}


def reloaded(case, desktop, document):
    """Return what a formula shows after its workbook was saved, closed, opened and calculated again."""
    run(case, document)
    kind = module_uno().createUnoStruct("com.sun.star.beans.PropertyValue")
    kind.Name, kind.Value = "FilterName", case["filter"]
    document.storeToURL(case["url"], (kind,))
    again = desktop.loadComponentFromURL(case["url"], "_blank", 0, (hidden(),))
    again.calculateAll()
    height, width = case["size"]
    area = again.Sheets.getByIndex(0).getCellRangeByPosition(RESULTS, 0, RESULTS + width - 1, height - 1)
    answer = {"rows": read(area), "seconds": 0.0}
    again.close(True)
    return answer


def hidden():
    """Return the setting that opens a document without a window."""
    setting = module_uno().createUnoStruct("com.sun.star.beans.PropertyValue")
    setting.Name, setting.Value = "Hidden", True
    return setting


def described(context):
    """Return what Calc's function wizard says of our functions."""
    functions = context.ServiceManager.createInstanceWithContext("com.sun.star.sheet.FunctionDescriptions", context)
    found = {}
    for index in range(functions.getCount()):
        one = {each.Name: each.Value for each in functions.getByIndex(index)}
        if one["Name"].startswith("QBS_"):
            found[one["Name"]] = {
                "help": one["Description"],
                "arguments": [
                    {"name": each.Name, "help": each.Description, "optional": each.IsOptional}
                    for each in one["Arguments"] or ()
                ],
            }
    return found


def main():
    context = connect(module_uno(), sys.argv[1])
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden(),))
    for line in sys.stdin:
        question = json.loads(line)
        if question == "described":
            answer = described(context)
        elif "url" in question:
            answer = reloaded(question, desktop, document)
        else:
            answer = run(question, document)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    document.close(True)


if __name__ == "__main__":
    main()
