/**
 * The README of an evidence pack. Its shell blocks, one after the other, are the whole check; a test runs
 * them as they stand. docs/verify-without-us.md explains the same steps for one pack.
 */

export type ReadmeFacts = {
  readonly host: string;
  readonly targetId: string;
  readonly from: string;
  readonly to: string;
  readonly bundles: number;
  readonly receipts: number;
  readonly logKey: boolean;
  readonly refused: readonly { readonly file: string; readonly message: string }[];
  readonly replayed: boolean;
  readonly version: string;
};

const whole = String.raw`sha256sum --strict --check --quiet SHA256SUMS
`;

const signatures = String.raw`work=$(mktemp -d)
for dir in bundles/*/; do
  statement=$dir/statement.json
  grep -o '"sha256":"[0-9a-f]*"},"name":"[^"]*"' "$statement" |
    sed 's|"sha256":"\([0-9a-f]*\)".*|\1  documents/\1.json|' | sha256sum --strict --check --quiet
  sed 's/.*"payload":"\([^"]*\)".*/\1/' "$dir/bundle.sigstore.json" | openssl base64 -d -A | cmp - "$statement"
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$statement")"; cat "$statement"; } > "$work/signed"
  sed 's/.*"sig":"\([^"]*\)".*/\1/' "$dir/bundle.sigstore.json" | openssl base64 -d -A > "$work/signature"
  keyid=$(sed 's/.*"hint":"\([0-9a-f]*\)".*/\1/' "$dir/bundle.sigstore.json")
  grep -q "\"key\":{\"id\":\"$keyid\"" "$statement"
  openssl pkey -pubin -in "keys/$keyid.pem" -outform DER | sha256sum | grep -q "^$keyid "
  openssl dgst -sha256 -verify "keys/$keyid.pem" -signature "$work/signature" "$work/signed" > "$work/said" || { echo "FAILED: the signature of $dir"; exit 1; }
  digest=$(sha256sum "$work/signed" | cut -d ' ' -f 1)
  case $dir in *-"$digest"/) ;; *) echo "FAILED: $dir is not the bundle $digest"; exit 1 ;; esac
  printf '%s %s\n' "$digest" "$(grep -o '"id":"[0-9a-f]*",\("previous":"[0-9a-f]*",\)\{0,1\}"sequence":[0-9]*' "$statement")" >> "$work/chain"
done
echo "signatures: OK, $(wc -l < "$work/chain") bundles"
`;

const chain = String.raw`awk '
  function field(name, text) { return match(text, "\"" name "\":\"?[0-9a-f]+") ? substr(text, RSTART, RLENGTH) : "" }
  { id = field("id", $0); sequence = field("sequence", $0); previous = field("previous", $0)
    sub(/.*[":]/, "", id); sub(/.*[":]/, "", sequence); sub(/.*[":]/, "", previous)
    digest[id " " sequence] = $1; before[id " " sequence] = previous }
  END { for (place in digest) { split(place, part, " "); link = part[1] " " (part[2] - 1)
      if (link in digest && digest[link] != before[place]) { print "FAILED: number " part[2] " does not name the bundle before it"; bad = 1 }
      if (!(link in digest) && part[2] > 0) print "the chain begins or has a gap before number " part[2] " (" part[1] ")" }
    exit bad }' "$work/chain"
echo 'chain: OK'
`;

const log = String.raw`number() { sed "s/.*\"$1\":\([0-9]*\).*/\1/" "$receipt"; }
hash() { openssl dgst -sha256 -binary | openssl base64 -A; }
decoded() { printf %s "$1" | openssl base64 -d -A; }
node() { { printf '\001'; decoded "$1"; decoded "$2"; } | hash; }
leaf='{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"%s"},"signature":{"content":"%s","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"%s"}}}}}}'
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; sed 's/^[^+]*+[^+]*+//' keys/LOG.vkey | openssl base64 -d -A | tail -c 32; } > "$work/log.der"
for receipt in bundles/*/receipt.json; do
  dir=$(dirname "$receipt")
  keyid=$(sed 's/.*"hint":"\([0-9a-f]*\)".*/\1/' "$dir/bundle.sigstore.json")
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$dir/statement.json")"; cat "$dir/statement.json"; } > "$work/signed"
  root=$({ printf '\000'; printf "$leaf" "$(hash < "$work/signed")" "$(sed 's/.*"sig":"\([^"]*\)".*/\1/' "$dir/bundle.sigstore.json")" \
    "$(openssl pkey -pubin -in "keys/$keyid.pem" -outform DER | openssl base64 -A)"; } | hash)
  place=$(number logIndex)
  last=$(($(number treeSize) - 1))
  for sibling in $(sed 's/.*"hashes":\[\([^]]*\)\].*/\1/; s/[",]/ /g' "$receipt"); do
    if [ $((place % 2)) = 1 ] || [ "$place" = "$last" ]; then
      root=$(node "$sibling" "$root")
      while [ $((place % 2)) = 0 ] && [ "$place" != 0 ]; do place=$((place / 2)) last=$((last / 2)); done
    else
      root=$(node "$root" "$sibling")
    fi
    place=$((place / 2)) last=$((last / 2))
  done
  printf '%b' "$(sed 's/.*"checkpoint":"\([^"]*\)".*/\1/' "$receipt")" > "$work/checkpoint"
  if [ "$last" != 0 ] || [ "$(sed -n 3p "$work/checkpoint")" != "$root" ] || [ "$(sed -n 2p "$work/checkpoint")" != "$(number treeSize)" ]; then
    echo "FAILED: $dir does not stand in the log"; exit 1
  fi
  sed '/^$/,$d' "$work/checkpoint" > "$work/text"
  sed -n '/^— /s/.* //p' "$work/checkpoint" | openssl base64 -d -A | tail -c 64 > "$work/signature"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/log.der" -rawin -in "$work/text" -sigfile "$work/signature" > "$work/said" || { echo "FAILED: the checkpoint of $dir"; exit 1; }
done
echo 'places in the log: OK'
`;

const cosign = String.raw`for dir in bundles/*/; do
  keyid=$(sed 's/.*"hint":"\([0-9a-f]*\)".*/\1/' "$dir/bundle.sigstore.json")
  for digest in $(grep -o '"sha256":"[0-9a-f]*"},"name"' "$dir/statement.json" | cut -d '"' -f 4); do
    cosign verify-blob-attestation --key "keys/$keyid.pem" --bundle "$dir/bundle.sigstore.json" \
      --type urn:affiant:predicate:posture:1 --insecure-ignore-tlog=true "documents/$digest.json"
  done
done
`;

/** The blocks that prove everything that the pack can prove, as one script. */
export function verifyScript({ receipts, logKey }: ReadmeFacts): string {
  const parts = ['#!/bin/sh', 'set -eu', 'cd "$(dirname "$0")"', whole, signatures, chain];
  return [...parts, ...(receipts > 0 && logKey ? [log] : []), 'rm -r "$work"\n'].join('\n');
}

const block = (text: string, kind = ''): string => `\`\`\`sh${kind === '' ? '' : ` ${kind}`}\n${text}\`\`\``;
/** What a server says is shown as code, in one line. */
const shown = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

export function readmeText(facts: ReadmeFacts): string {
  const { host, targetId, from, to, bundles, receipts, logKey, refused, replayed, version } = facts;
  return `# Evidence of ${shown(host)}, ${from} to ${to}

${replayed ? '**Replayed evidence: recorded or constructed machines, signed with throw-away keys. It proves nothing about a real server.**\n\n' : ''}${bundles} signed bundles of the server ${shown(targetId)}, ${receipts} of them with a receipt of a log. Written by affiant ${version}; nothing below needs it.

| file | what it is |
|---|---|
| \`report.html\`, \`findings.json\` | what the auditor's program concluded; not signed, and to be repeated from the rest |
| \`bundles/*/statement.json\` | what was signed: which documents, by which server, when by its own clock, at which place of its chain |
| \`bundles/*/bundle.sigstore.json\` | the signature around it (DSSE in a Sigstore bundle) |
| \`bundles/*/receipt.json\` | its place in the endpoint's log |
| \`documents/<sha256>.json\` | the documents, each once, named by the digest that was signed |
| \`packs/\` | the same as the files that the server handed over, for \`affiant verify\` and \`affiant report\` |
| \`keys/\` | the public keys${logKey ? ', and the verifier line of the log' : ''} |
| \`verify.sh\` | the blocks below in one file |
${refused.length === 0 ? '' : `\n${refused.length} files that were given did not verify and are not among the bundles:\n\n${refused.map(({ file, message }) => `- ${shown(file)}: ${shown(message)}`).join('\n')}\n`}
## Check it

Take \`sha256sum\`, \`openssl\` 3, \`sed\`, \`grep\`, \`awk\`. **First compare the keys:** a key that came in the same file as what it signed proves nothing. Ask the owner of the server and the operator of the log, on another way, for the ids in \`keys/\`.

Every file is as it was packed:

${block(whole)}

Every document is the one that was signed, every statement is signed by the key that it names, every bundle has the name that its folder says:

${block(signatures)}

Each bundle names the one before it, so that none can be taken out of the middle unseen:

${block(chain)}

${
  receipts === 0
    ? 'No bundle has a receipt: nothing shows that an endpoint had it at that time.'
    : logKey
      ? `The receipts lead to checkpoints that the log signed (RFC 9162 section 2.1.3.2, C2SP tlog-checkpoint):\n\n${block(log)}`
      : 'The receipts cannot be checked: no key of a log was trusted when this was packed. With the verifier line of the log, the steps stand in docs/verify-without-us.md.'
}

With cosign 3 instead of openssl, each document alone:

${block(cosign, 'cosign')}

## What this does not prove

That the server told the truth: the signature says which key said it. When it was said: times are the server's own, bounded by the checkpoints that statement and receipt name. That nothing more was said: a chain shows gaps only between bundles that are here.
`;
}
