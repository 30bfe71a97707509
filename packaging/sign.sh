#!/usr/bin/env bash
# Signs what `npm run package` made. Keys come as files or from a keyring; a passphrase is asked for or stands in a file,
# never in an argument.
#
#   sign.sh exe SIGNED CERT.pem KEY.pem FILE   Authenticode of an .exe or .msi, into the file SIGNED
#   sign.sh rpm KEYNAME FILE                   the signature inside an rpm, with a key of GnuPG
#   sign.sh sums KEYNAME SHA256SUMS            SHA256SUMS.asc, which covers every file, the deb too
#
# AFFIANT_TIMESTAMP_URL: an RFC 3161 authority, so that Authenticode outlives the certificate.
# AFFIANT_PASSPHRASE_FILE: a file with the passphrase of KEY.pem.
set -eu
usage() { sed -n '5,7s/^# *//p' "$0" >&2; exit 2; }
[ $# -ge 3 ] || usage
case $1 in
  exe)
    [ $# -eq 5 ] || usage
    more=()
    [ -z "${AFFIANT_TIMESTAMP_URL:-}" ] || more+=(-ts "$AFFIANT_TIMESTAMP_URL")
    [ -z "${AFFIANT_PASSPHRASE_FILE:-}" ] || more+=(-readpass "$AFFIANT_PASSPHRASE_FILE")
    osslsigncode sign -h sha256 -n Affiant -certs "$3" -key "$4" "${more[@]}" -in "$5" -out "$2"
    ;;
  # rpm looks for gpg2 where the distribution said so, which Debian does not have.
  rpm) rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name $2" --addsign "$3" ;;
  sums) gpg --local-user "$2" --armor --detach-sign --output "$3.asc" "$3" ;;
  *) usage ;;
esac
