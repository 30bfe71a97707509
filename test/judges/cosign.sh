#!/bin/sh
# Fetches cosign, which judges our bundles in test/evidence/cosign.test.ts, and prints its path.
# Nothing is installed: the package comes from one of Debian's newer suites through a private apt
# configuration, from the archive that this machine's own sources name and under the same keyring,
# and is unpacked into a cache folder (AFFIANT_JUDGES, else the user's own). Exit 1 and one line on
# stderr where that cannot be done.
set -eu

judges=${AFFIANT_JUDGES:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/affiant-judges}
cosign=$judges/cosign/usr/bin/cosign

fail() {
  echo "cosign.sh: $1" >&2
  exit 1
}

# From 3.0.4 on, cosign verifies with a key and without a network.
is_good() {
  version=$("$1" version 2>/dev/null | sed -n 's/^GitVersion:[ v]*//p')
  case $version in
    '' | [012].* | 3.0.[0123] | 3.0.[0123][!0-9]*) return 1 ;;
  esac
}

if [ -x "$cosign" ] && is_good "$cosign"; then
  echo "$cosign"
  exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'this is no Debian: put cosign 3.0.4 or newer on PATH'

# apt itself says what its sources are, whatever the format of the files that they stand in.
uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -E '/debian/?$' | head -n 1) || true
[ -n "$uri" ] || fail "this machine's apt sources name no Debian archive"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "the keyring of Debian's archive is not here (package debian-archive-keyring)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/deb"

for suite in testing unstable; do
  echo "deb [signed-by=$keyring] $uri $suite main" >"$work/sources.list"
  cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Sandbox::User "$(id -un)";
CONF
  apt-get -q -c "$work/apt.conf" update >&2 || continue
  (cd "$work/deb" && apt-get -q -c "$work/apt.conf" download cosign >&2) || continue
  rm -rf "$judges/cosign"
  mkdir -p "$judges/cosign"
  dpkg-deb -x "$work"/deb/cosign_*.deb "$judges/cosign"
  rm -f "$work"/deb/*
  if is_good "$cosign"; then
    echo "$cosign"
    exit 0
  fi
done
fail 'no newer suite of Debian offers cosign 3.0.4 or newer to this machine'
