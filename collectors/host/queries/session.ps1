# Who asks, with what rights, and what this PowerShell may do.
$caller = Read-Part { Get-Caller }
# Constrained language may not ask .NET; whoami.exe prints SIDs, which are the same in every language.
$groups = $null
if ($null -ne $caller.error) {
  $groups = Read-Part { @(& "$env:SystemRoot\System32\whoami.exe" /groups /fo csv /nh) }
}
@{
  languageMode = $AffiantMode
  utf8 = $AffiantUtf8
  version = [string]$PSVersionTable.PSVersion
  edition = [string]$PSVersionTable.PSEdition
  computerName = [string]$env:COMPUTERNAME
  account = [string]$env:USERNAME
  caller = $caller
  groups = $groups
}
