# The two commands for Windows PowerShell:   .\make.ps1 demo     and     .\make.ps1 test
#
# They need Python 3.11 or later from python.org or the Microsoft Store, and make .venv here. If Windows
# refuses to run scripts:   powershell -ExecutionPolicy Bypass -File make.ps1 demo
#
# What differs from the Makefile: LibreOffice is not installed for you. Where it is missing, the tests that
# recalculate workbooks with it are skipped and say so. No test here drives Excel itself. This file was
# written without a Windows machine at hand: the Windows job in .github/workflows/ci.yml is what runs it.

param(
    [Parameter(Position = 0)][ValidateSet("demo", "test")][string]$Target = "demo"
)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$Python = ".venv\Scripts\python.exe"

# Windows PowerShell does not stop when a program fails: this does.
function Invoke-Step([string]$Program, [string[]]$Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

# A stamp is a copy of the file that was installed from: another content installs again.
function Test-Stamp([string]$Stamp, [string]$Source) {
    (Test-Path $Stamp) -and ((Get-FileHash $Stamp).Hash -eq (Get-FileHash $Source).Hash)
}

# Without Python, Windows has a "python" that only points to the Store: it must be tried to be told apart.
function Find-Python {
    if (Get-Command python -ErrorAction SilentlyContinue) {
        & python -c "pass"
        if ($LASTEXITCODE -eq 0) { return "python" }
    }
    if (Get-Command py -ErrorAction SilentlyContinue) { return "py", "-3" }
    Write-Host "Python is not installed: get version 3.11 or later from www.python.org."
    exit 1
}

function Install-Runtime {
    if (Test-Stamp ".venv\runtime.stamp" "requirements.lock") { return }
    [string[]]$Launcher = Find-Python
    $Options = @($Launcher | Select-Object -Skip 1)
    Invoke-Step $Launcher[0] ($Options + @("scripts\check_python.py"))
    Invoke-Step $Launcher[0] ($Options + @("-m", "venv", "--clear", ".venv"))
    Install-Lock "requirements.lock"
    Copy-Item "requirements.lock" ".venv\runtime.stamp"
}

function Install-Project {
    if (Test-Stamp ".venv\project.stamp" "pyproject.toml") { return }
    Invoke-Step $Python @("-m", "pip", "--quiet", "install", "--no-deps", "--no-build-isolation", "-e", ".")
    Copy-Item "pyproject.toml" ".venv\project.stamp"
}

function Install-Dev {
    if (Test-Stamp ".venv\dev.stamp" "requirements-dev.lock") { return }
    Install-Lock "requirements-dev.lock"
    Copy-Item "requirements-dev.lock" ".venv\dev.stamp"
}

function Install-Lock([string]$Lock) {
    Invoke-Step $Python @("-m", "pip", "--quiet", "install", "--require-hashes", "-r", $Lock)
}

Install-Runtime
Install-Project
if ($Target -eq "demo") {
    Invoke-Step ".venv\Scripts\xl-qbs.exe" @("demo")
}
else {
    Install-Dev
    Invoke-Step $Python @("-m", "ruff", "check")
    Invoke-Step $Python @("-m", "ruff", "format", "--check")
    Invoke-Step $Python @("-m", "mypy")
    Invoke-Step $Python @("-m", "pytest", "-n", "auto", "--dist", "worksteal")
}
