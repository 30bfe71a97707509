# What only Exchange's own cmdlets tell; they are there on an Exchange server whose rights the asker has. Each part by itself.
if (-not (Get-Command -Name Get-OrganizationConfig -ErrorAction SilentlyContinue)) {
  try { Add-PSSnapin -Name Microsoft.Exchange.Management.PowerShell.SnapIn } catch { $null = $_ }
}
$server = [string]$env:COMPUTERNAME
@{
  organisation = Read-Part {
    $organisation = Get-OrganizationConfig
    @{ OAuth2ClientProfileEnabled = $organisation.OAuth2ClientProfileEnabled; DefaultAuthenticationPolicy = [string]$organisation.DefaultAuthenticationPolicy }
  }
  authServers = Read-Part { @(Get-AuthServer | ForEach-Object { @{ Name = [string]$_.Name; Enabled = $_.Enabled; IsDefaultAuthorizationEndpoint = $_.IsDefaultAuthorizationEndpoint } }) }
  policies = Read-Part {
    @(Get-AuthenticationPolicy | ForEach-Object {
        @{ Name = [string]$_.Name; BlockLegacyAuthActiveSync = $_.BlockLegacyAuthActiveSync; BlockLegacyAuthAutodiscover = $_.BlockLegacyAuthAutodiscover; BlockLegacyAuthImap = $_.BlockLegacyAuthImap; BlockLegacyAuthMapi = $_.BlockLegacyAuthMapi; BlockLegacyAuthOfflineAddressBook = $_.BlockLegacyAuthOfflineAddressBook; BlockLegacyAuthPop = $_.BlockLegacyAuthPop; BlockLegacyAuthRpc = $_.BlockLegacyAuthRpc; BlockLegacyAuthWebServices = $_.BlockLegacyAuthWebServices }
      })
  }
  imap = Read-Part { @(Get-ImapSettings -Server $server | ForEach-Object { @{ Name = [string]$_.Name; LoginType = [string]$_.LoginType; running = [bool](@(Get-Service -Name 'MSExchangeImap4*' | Where-Object { [string]$_.Status -eq 'Running' }).Count) } }) }
  pop = Read-Part { @(Get-PopSettings -Server $server | ForEach-Object { @{ Name = [string]$_.Name; LoginType = [string]$_.LoginType; running = [bool](@(Get-Service -Name 'MSExchangePop3*' | Where-Object { [string]$_.Status -eq 'Running' }).Count) } }) }
  connectors = Read-Part { @(Get-ReceiveConnector -Server $server | ForEach-Object { @{ Name = [string]$_.Name; Enabled = $_.Enabled; AuthMechanism = [string]$_.AuthMechanism; PermissionGroups = [string]$_.PermissionGroups; Bindings = @($_.Bindings | ForEach-Object { [string]$_ }) } }) }
}
