# Versions of ExSetup.exe and of files that every security update of Exchange replaces.
$setup = Get-ItemProperty -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\ExchangeServer\v15\Setup'
$bin = ([string]$setup.MsiInstallPath).TrimEnd('\') + '\Bin'
$core = @('Microsoft.Exchange.Common.dll', 'Microsoft.Exchange.Configuration.ObjectModel.dll', 'Microsoft.Exchange.Data.dll', 'Microsoft.Exchange.Data.Directory.dll', 'Microsoft.Exchange.Data.Storage.dll', 'Microsoft.Exchange.Diagnostics.dll', 'Microsoft.Exchange.Management.dll', 'Microsoft.Exchange.Net.dll', 'Microsoft.Exchange.Security.dll', 'Microsoft.Exchange.Transport.dll')
@{
  path = [string]$setup.MsiInstallPath
  setup = (Read-Part { Format-Version (Get-Item -LiteralPath ($bin + '\ExSetup.exe')).VersionInfo })
  files = @(foreach ($name in $core) {
      @{ name = 'Bin\' + $name; version = (Read-Part { Format-Version (Get-Item -LiteralPath ($bin + '\' + $name)).VersionInfo }) }
    })
}
