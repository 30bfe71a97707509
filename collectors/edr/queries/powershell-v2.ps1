# Whether the engine of PowerShell 2 is installed.
@(Get-CimInstance -Namespace 'root/cimv2' -ClassName Win32_OptionalFeature -Filter "Name='MicrosoftWindowsPowerShellV2'" | ForEach-Object {
    @{ Name = $_.Name; InstallState = $_.InstallState }
  })
