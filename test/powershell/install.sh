#!/usr/bin/env bash
# Installs PowerShell as a .NET tool for the tests and prints where it is. It needs a .NET SDK.
set -eu
version=7.6.9
folder=${XDG_CACHE_HOME:-$HOME/.cache}/affiant-test/pwsh-$version
if [ ! -x "$folder/pwsh" ]; then
  command -v dotnet >/dev/null || { echo 'no dotnet: tests on a real PowerShell are skipped' >&2; exit 1; }
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet tool install --tool-path "$folder" PowerShell --version "$version" >&2
fi
printf '%s\n' "$folder/pwsh"
