#!/usr/bin/env bash
# Makes what test/slow/packaging/ needs: the root of a small Debian with its own dpkg, as an archive. Prints its path.
# mmdebstrap makes in half the time what `debootstrap --variant=minbase` makes, with the essential packages alone.
set -eu
suite=bookworm
file=${XDG_CACHE_HOME:-$HOME/.cache}/affiant-test/debian-$suite-essential.tar
if [ ! -f "$file" ]; then
  [ "$(id -u)" -eq 0 ] || { echo 'not root: the tests of the Linux packages are skipped' >&2; exit 1; }
  command -v mmdebstrap >/dev/null || { echo 'no mmdebstrap: the tests of the Linux packages are skipped' >&2; exit 1; }
  mkdir -p "$(dirname "$file")"
  mmdebstrap --quiet --mode=root --variant=essential --include=passwd,libstdc++6 --dpkgopt=force-unsafe-io \
    "$suite" "$file.$$.tar" >&2
  mv "$file.$$.tar" "$file"
fi
printf '%s\n' "$file"
