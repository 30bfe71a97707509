# A key that only this machine can open again. It is made here: a script that carried one would lie in every log of
# script blocks. The answer goes to standard output past the host, where transcripts do not see it.
param($Parameters)
if ($Parameters.sealed) {
  $key = Unprotect-Bytes ([Convert]::FromBase64String($Parameters.sealed))
  @{ key = [Convert]::ToBase64String([byte[]]$key) }
} else {
  $key = New-Object -TypeName 'byte[]' -ArgumentList 32
  [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($key)
  $sealed = Protect-Bytes $key
  @{ key = [Convert]::ToBase64String([byte[]]$key); sealed = [Convert]::ToBase64String([byte[]]$sealed) }
}
