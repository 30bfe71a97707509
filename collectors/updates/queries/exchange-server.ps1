# Exchange's own management about this server. It needs rights in Exchange, and takes its time to load.
Add-PSSnapin -Name 'Microsoft.Exchange.Management.PowerShell.SnapIn'
$server = Get-ExchangeServer -Identity $env:COMPUTERNAME
@{
  name = [string]$server.Name
  edition = [string]$server.Edition
  displayVersion = [string]$server.AdminDisplayVersion
  roles = @(([string]$server.ServerRole) -split ',' | ForEach-Object { $_.Trim() })
  mitigationsEnabled = $server.MitigationsEnabled
  mitigationsApplied = @(foreach ($each in $server.MitigationsApplied) { [string]$each })
  mitigationsBlocked = @(foreach ($each in $server.MitigationsBlocked) { [string]$each })
  organisation = (Read-Part { @{ mitigationsEnabled = (Get-OrganizationConfig).MitigationsEnabled } })
  overrides = (Read-Part {
      @(Get-SettingOverride | ForEach-Object {
          @{ component = [string]$_.ComponentName; section = [string]$_.SectionName; parameters = @(foreach ($each in $_.Parameters) { [string]$each }); servers = @(foreach ($each in $_.Server) { [string]$each }); status = [string]$_.Status }
        })
    })
}
