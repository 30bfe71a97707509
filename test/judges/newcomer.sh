#!/usr/bin/env bash
# What a newcomer does, on a state folder of its own: npm start twice; the pack of the second run
# verifies; one changed byte does not.
set -eu
cd "$(dirname "$0")/../.."
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export AFFIANT_STATE=$state/state

npm start >"$state/first" 2>"$state/first.err" || { cat "$state/first" "$state/first.err"; exit 1; }
cat "$state/first"
npm start >"$state/second" 2>"$state/second.err" || { cat "$state/second" "$state/second.err"; exit 1; }
sed -n '/^What changed since/,$p' "$state/second"
grep -q '^What changed since' "$state/second"
grep -q 'Verified .*signature, documents, receipt' "$state/second"

set -- "$AFFIANT_STATE"/packs/*.pack.json
[ $# -eq 2 ] || { echo "expected two receipted packs, found $#"; exit 1; }
npm run -s affiant -- key show >"$state/key.pem" 2>/dev/null
npm run -s affiant -- verify "$@" --key "$state/key.pem" --log-key "$AFFIANT_STATE/endpoint/log.vkey"
sed '1s/"linux"/"linuX"/' "$2" >"$state/changed.json"
if npm run -s affiant -- verify "$state/changed.json" --key "$state/key.pem"; then
  echo 'a changed pack was accepted'
  exit 1
fi
# Nothing but the command's own output on standard output.
npm run -s affiant -- --version | grep -qx '[0-9.]*'
