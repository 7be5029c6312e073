#!/bin/sh
# Install LibreOffice Calc, what drives it from Python, and pdftoppm where they are missing and this system
# has apt-get. Some tests recalculate workbooks with them, call the add-in's functions in cells, and compare
# its type library with that of LibreOffice's own compiler; without them those tests are skipped, unless
# XL_QBS_REQUIRE_LIBREOFFICE=1 says that they must run.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
have_uno() { /usr/bin/python3 -c "import uno" >/dev/null 2>&1; }
have_compiler() { have unoidl-write || [ -x /usr/lib/libreoffice/sdk/bin/unoidl-write ]; }

give_up() {
    echo "LibreOffice is not installed: $1" >&2
    if [ "${XL_QBS_REQUIRE_LIBREOFFICE:-0}" = 1 ]; then
        exit 1
    fi
    echo "The tests that recalculate workbooks with it are skipped." >&2
    exit 0
}

if have soffice && have pdftoppm && have_uno && have_compiler; then
    exit 0
fi
if [ -x /Applications/LibreOffice.app/Contents/MacOS/soffice ]; then
    exit 0
fi
if ! have apt-get; then
    give_up "get it from www.libreoffice.org, or on macOS with 'brew install --cask libreoffice'."
fi

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif have sudo; then
    as_root="sudo"
else
    give_up "ask whoever may install software here for: apt-get install libreoffice-calc python3-uno libreoffice-dev poppler-utils"
fi

echo "Installing LibreOffice Calc with apt-get: some tests recalculate workbooks with it."
# shellcheck disable=SC2086  # an empty $as_root must vanish
{
    $as_root apt-get -q update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
            libreoffice-calc python3-uno libreoffice-dev poppler-utils fonts-dejavu-core fonts-liberation
} || give_up "apt-get could not install it (its message is above)."
