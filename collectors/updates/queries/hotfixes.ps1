# Win32_QuickFixEngineering. InstalledOn is text in the registry, written by the language of the installer.
@(Get-CimInstance -ClassName Win32_QuickFixEngineering -Namespace 'root/cimv2' | ForEach-Object {
    $on = $_.InstalledOn
    if ($on -is [datetime]) { $on = $on.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
    @{ id = [string]$_.HotFixID; kind = [string]$_.Description; installedOn = [string]$on }
  })
