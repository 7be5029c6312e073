"""Nothing leaves the machine and nothing that comes from a file is run: no network, no eval, no pickle.

Shown twice: by what happens (Python tells a hook of every such thing while the commands run, on data that
would love to be run, and the system ends a process that opens a socket of the network, be it an engine in C++), and by
what stands in the source.
"""

from __future__ import annotations

import ast
import functools
import json
import signal
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import box as box_module
from tests.hostile.box import DONE, Box, assert_clear
from tests.hostile.seeds import Seed, write_extract, write_scheme
from tests.small_equity import GROUPS, count_rows, write_table
from tests.small_fund import write_fund

PACKAGE = Path(box_module.PROJECT) / "xl_qbs"

# What Python tells of by these names (the table of audit events in its library reference) must not happen. The
# names of the machine and of the user tell nothing outside it, but nobody needs them either.
FORBIDDEN = (
    *("socket.", "ssl.", "urllib.", "http.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "telnetlib.", "webbrowser."),
    *("pickle.", "shelve.", "subprocess.", "os.system", "os.exec", "os.fork", "os.spawn", "os.posix_spawn", "pty."),
    *("os.startfile", "os.putenv"),
)
# Where these stand in the source on purpose, and why.
ALLOWED = {
    # LibreOffice: to print, to recalculate, to be a host of functions, and to have the add-in installed.
    "subprocess": {"workbook/libreoffice.py", "addin/calc/office_side.py", "addin/calc/install.py"},
    "ctypes": set[str](),
}


def watch() -> None:
    """Have Python end the run at once where something forbidden happens; called in the box, before the command.

    Modules, dataclasses and named tuples are compiled too, from names in the source: so compiling is forbidden
    where the text holds what stands in the data.
    """
    import os

    forbid_network()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "compile":
            if "NEVER_RUN" not in repr(arguments[0]):
                return
        elif not event.startswith(FORBIDDEN):
            return
        os.write(2, f"\nFORBIDDEN {event} {arguments!r:.300}\n".encode())
        os._exit(99)

    sys.addaudithook(hook)


# The number of the call that opens a socket, by processor: its name in seccomp, and the call.
_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_INTERNET = (2, 10)
_CANNOT = 98


def forbid_network() -> bool:
    """Have Linux end the process where it opens a socket of the network: Python is not told what DuckDB does.

    The rule is a small program that the kernel runs before each call (seccomp): steps of 8 bytes, each with how many
    steps to pass over where a comparison holds, and where not.

    Returns:
        Whether it is forbidden: not on other processors, nor in a container that has such rules of its own.
    """
    import ctypes
    import platform

    if platform.machine() not in _SOCKET:
        return False
    processor, call = _SOCKET[platform.machine()]
    load, equal, answer, allow, end = 0x20, 0x15, 0x06, 0x7FFF0000, 0x80000000
    steps = (
        *((load, 0, 0, 4), (equal, 0, 5, processor), (load, 0, 0, 0), (equal, 0, 3, call), (load, 0, 0, 16)),
        *((equal, 2, 0, _INTERNET[0]), (equal, 1, 0, _INTERNET[1]), (answer, 0, 0, allow), (answer, 0, 0, end)),
    )
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(packed)))
    system = ctypes.CDLL(None)
    # PR_SET_NO_NEW_PRIVS, then PR_SET_SECCOMP with a filter.
    return bool(system.prctl(38, 1, 0, 0, 0) == 0 and system.prctl(22, 2, program, 0, 0) == 0)


PAYLOADS = (
    "__import__('os').system('NEVER_RUN')",
    '=WEBSERVICE("http://127.0.0.1:9/NEVER_RUN")',
    "cos\nsystem\n(S'NEVER_RUN'\ntR.",
    "http://127.0.0.1:9/NEVER_RUN",
    "\\\\127.0.0.1\\NEVER_RUN",
    "{NEVER_RUN}",
    "${NEVER_RUN}",
    "%s%n NEVER_RUN",
)


def _run(box: Box, folder: Path, *words: object, seconds: int = 30, **others: Any) -> None:
    told = box.run(words, folder, seconds=seconds, prepare="tests.hostile.test_nothing_leaves.watch", **others)
    assert "FORBIDDEN" not in told.err, told.err
    assert_clear(told, words)
    assert told.status == DONE, (words, told.err)


def test_commands(box: Box, tmp_path: Path) -> None:
    scheme = write_scheme(tmp_path / "scheme.csv")
    names = [f"{PAYLOADS[number % len(PAYLOADS)]} {number}" for number in range(30)]
    fund = write_fund(tmp_path / "fund.xlsx", providers=names)
    given = ("--scheme", scheme)
    _run(box, tmp_path, "check", fund, *given)
    _run(box, tmp_path, "score", fund, *given, "-o", "scored.xlsx", "--export", "export", "--json")
    _run(box, tmp_path, "audit", "scored.xlsx", "-o", "audit.xlsx", "--recalculate", "none")
    _run(box, tmp_path, "trace", "scored.xlsx", "--provider", names[0].strip())
    _run(box, tmp_path, "compare", "scored.xlsx", "scored.xlsx")
    _run(box, tmp_path, "dump", "scored.xlsx", "-o", "dump.txt")
    _run(box, tmp_path, "replay", "scored.xlsx", "-o", "replayed.xlsx")
    _run(box, tmp_path, "template", *given, "--data", fund, "--lists", 40, "-o", "template.xlsx")
    _run(box, tmp_path, "statements", fund, *given, "-o", "pages", "--pdf", "no", "--only", names[1])
    _run(box, tmp_path, "simulate", fund, *given, "--extra-patients", 10, "--replications", 5, "-o", "simulated.xlsx")
    _run(box, tmp_path, "diagnose", fund, *given, "--resamples", 100, "-o", "diagnosed.xlsx")


@pytest.mark.parametrize("name", ["efficiency", "groups"])
def test_analyses(box: Box, sound: dict[str, Seed], tmp_path: Path, name: str) -> None:
    seed = sound[name]
    places = {"file": str(seed.path), "out": str(tmp_path / "out.xlsx")}
    for words in seed.commands:
        _run(box, tmp_path, *(word.format(**places) for word in words))


def test_equity_template(box: Box, tmp_path: Path) -> None:
    names = {f"P{number + 1:02d}": text for number, text in enumerate(PAYLOADS)}
    groups = dict(zip(GROUPS, PAYLOADS, strict=False))
    rows = [
        [names.get(row[0], row[0]), PAYLOADS[3], groups[row[2]], *row[3:]] for row in count_rows(9) if row[1] == "hyp"
    ]
    table = write_table(tmp_path / "groups.csv", rows)
    periods = ("--periods", "year", "--now", "2024", "--baseline", "2023", "--providers", 10)
    _run(box, tmp_path, "equity-template", table, *periods, "--disadvantaged", PAYLOADS[1], "-o", "filled.xlsx")
    _run(box, tmp_path, "equity-template", "--groups", ",".join(PAYLOADS[3:6]), "--providers", 6, "-o", "empty.xlsx")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_aggregate(box: Box, tmp_path: Path, form: str) -> None:
    """DuckDB fetches parts of itself from the network where it is allowed to, and keeps them at home."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed")
    home = tmp_path / "home"
    home.mkdir()
    names = [text for text in PAYLOADS if text.isprintable()]
    patient, provider, group, code = names[:4]
    people = [(patient, provider, group), *((text, text, text) for text in PAYLOADS)]
    records = [(patient, "day", code, "cost"), *((text, "2019-05-05", text, "1") for text in PAYLOADS)]
    quoted = [json.dumps(text) for text in PAYLOADS]
    lines = [f"name = {quoted[0]}", "period = { from = 2019-01-01, to = 2019-12-31 }"]
    lines += [f"people = {{ patient = {json.dumps(patient)}, provider = {json.dumps(provider)} }}"]
    lines += [f'records = {{ patient = {json.dumps(patient)}, date = "day" }}']
    lines += [f"groups = {{ column = {json.dumps(group)}, unknown = {quoted[-1]} }}"]
    lines += [f'patients = {{ cost = "cost", factors = [{{ name = {quoted[2]}, column = {json.dumps(group)} }}] }}']
    for text in quoted:
        test = f"column = {json.dumps(code)}, is = {text}, starts_with = {text}"
        lines += ["[[indicators]]", f"code = {text}", f"numerator = {{ records = {{ where = {{ {test} }} }} }}"]
    (tmp_path / "definitions.toml").write_text("\n".join(lines), encoding="utf-8")
    given: list[object] = []
    for what, rows in (("people", people), ("records", records)):
        given += [f"--{what}", write_extract(tmp_path / f"{what}.{form}", rows)]
    outputs = ("-o", "table.xlsx", "--groups", f"groups.{form}", "--patients", f"patients.{form}")
    _run(box, tmp_path, "aggregate", "definitions.toml", *given, *outputs, environment={"HOME": str(home)})
    assert not list(home.iterdir())


def bad_engine() -> None:
    """Do what the system must see, since Python is not told of it."""
    import duckdb

    _must_forbid()
    duckdb.connect().execute("SET extension_directory = 'extensions'").execute("FORCE INSTALL httpfs")


def bad_socket() -> None:
    """Do what the system must see."""
    import socket

    _must_forbid()
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)


def _must_forbid() -> None:
    import os

    if not forbid_network():
        os._exit(_CANNOT)


@pytest.mark.parametrize("who", ["socket", "engine"])
def test_the_system_sees_what_it_must_see(box: Box, tmp_path: Path, who: str) -> None:
    if who == "engine":
        pytest.importorskip("duckdb", reason="DuckDB is not installed")
    told = box.run(("check", "x"), tmp_path, prepare=f"tests.hostile.test_nothing_leaves.bad_{who}")
    if told.status == _CANNOT:
        pytest.skip("such rules cannot be made here")
    assert told.status == -signal.SIGSYS, told


@pytest.mark.parametrize("event", ["network", "name", "eval", "pickle", "process"])
def test_the_watch_sees_what_it_must_see(box: Box, tmp_path: Path, event: str) -> None:
    told = box.run(("check", "x"), tmp_path, prepare=f"tests.hostile.test_nothing_leaves.bad_{event}")
    assert told.status == 99, told
    assert "FORBIDDEN" in told.err


def bad_network() -> None:
    """Do what the watch must see."""
    import socket

    watch()
    socket.socket().connect(("127.0.0.1", 9))


def bad_name() -> None:
    """Do what the watch must see."""
    import socket

    watch()
    socket.getaddrinfo("localhost", 9)


def bad_eval() -> None:
    """Do what the watch must see."""
    watch()
    eval("'NEVER_RUN'")  # noqa: S307


def bad_pickle() -> None:
    """Do what the watch must see."""
    import pickle

    watch()
    pickle.loads(b"cos\ngetcwd\n(tR.")  # noqa: S301


def bad_process() -> None:
    """Do what the watch must see."""
    import subprocess

    watch()
    subprocess.run(["true"], check=False)


# The source


@functools.cache
def _nodes() -> list[tuple[str, ast.Import | ast.ImportFrom | ast.Call]]:
    """Return the imports and calls of the package, each with its module."""
    return [
        (path.relative_to(PACKAGE).as_posix(), node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Call))
    ]


NO_MODULES = (
    *("socket", "ssl", "urllib.request", "urllib3", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib"),
    *("xmlrpc", "webbrowser", "telnetlib", "asyncio", "pickle", "cPickle", "dill", "joblib", "shelve", "marshal"),
    *("code", "codeop", "runpy", "pty", "multiprocessing"),
)
NO_CALLS = ("eval", "exec", "compile", "__import__", "breakpoint")
NO_METHODS = ("read_pickle", "to_pickle", "eval", "query", "read_sql", "read_html", "urlopen", "urlretrieve", "system")


def test_no_module_that_reaches_out_or_runs_data() -> None:
    found = []
    for name, node in _nodes():
        modules = []
        if isinstance(node, ast.Import):
            modules = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
        for module in modules:
            if any(module == one or module.startswith(f"{one}.") for one in NO_MODULES):
                found.append((name, node.lineno, module))
            if module in ALLOWED and name not in ALLOWED[module]:
                found.append((name, node.lineno, module))
    assert not found


def test_no_call_that_runs_data() -> None:
    found = []
    for name, node in _nodes():
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in NO_CALLS:
            found.append((name, node.lineno, called.id))
        if isinstance(called, ast.Attribute) and called.attr in NO_METHODS:
            found.append((name, node.lineno, called.attr))
        found += [(name, node.lineno, word.arg) for word in node.keywords if word.arg in ("shell", "allow_pickle")]
    assert not found
