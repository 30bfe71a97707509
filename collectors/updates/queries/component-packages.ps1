# Packages of the component store that are updates: cumulative ones, servicing stacks, .NET, single fixes.
$root = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages'
$names = @(Get-ChildItem -LiteralPath $root -Name | Where-Object { $_ -like 'Package_for_*' -and $_ -notlike 'Package_*_for_KB*' })
@{
  packages = @(foreach ($name in $names) {
      try {
        $values = Get-ItemProperty -LiteralPath ($root + '\' + $name)
        @{ name = [string]$name; state = $values.CurrentState; high = $values.InstallTimeHigh; low = $values.InstallTimeLow }
      } catch {
        @{ name = [string]$name; error = (Get-QueryError $_) }
      }
    })
}
