#!/bin/sh
# Install LibreOffice Calc, what drives it from Python, pdftoppm, and Java for Spark where they are missing and this
# system has apt-get. Some tests recalculate workbooks with them, call the add-in's functions in cells, and compare
# its type library with that of LibreOffice's own compiler; one counts patient rows on Spark. Without them those tests are
# skipped, unless XL_QBS_REQUIRE_LIBREOFFICE=1 says that they must run.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
have_uno() { /usr/bin/python3 -c "import uno" >/dev/null 2>&1; }
have_compiler() { have unoidl-write || [ -x /usr/lib/libreoffice/sdk/bin/unoidl-write ]; }

give_up() {
    echo "LibreOffice or Java is not installed: $1" >&2
    if [ "${XL_QBS_REQUIRE_LIBREOFFICE:-0}" = 1 ]; then
        exit 1
    fi
    echo "The tests that need them are skipped." >&2
    exit 0
}

if have soffice && have pdftoppm && have_uno && have_compiler && have java; then
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
    give_up "ask whoever may install software here for: apt-get install libreoffice-calc python3-uno libreoffice-dev poppler-utils default-jre-headless"
fi

echo "Installing LibreOffice Calc and Java with apt-get: some tests recalculate workbooks, and one runs Spark."
# shellcheck disable=SC2086  # an empty $as_root must vanish
{
    $as_root apt-get -q update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
            libreoffice-calc python3-uno libreoffice-dev poppler-utils fonts-dejavu-core fonts-liberation \
            default-jre-headless
} || give_up "apt-get could not install it (its message is above)."
