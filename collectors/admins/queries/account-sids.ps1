# SIDs of accounts by their names.
param($Parameters)
@(foreach ($name in $Parameters.names) {
    try {
      $plain = [string]$name
      if ($plain.StartsWith('.\')) { $plain = $env:COMPUTERNAME + $plain.Substring(1) }
      @{ Name = [string]$name; Sid = [string](Get-AccountSid $plain) }
    } catch {
      @{ Name = [string]$name; Error = (Get-QueryError $_) }
    }
  })
