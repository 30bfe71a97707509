# File-system filters as they are registered: the service and the altitudes of its instances.
$root = 'Registry::HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services'
@(foreach ($service in @(Get-ChildItem -LiteralPath $root -Name)) {
    foreach ($below in @('\Instances', '\Parameters\Instances')) {
      $instances = $root + '\' + $service + $below
      if (-not (Test-Path -LiteralPath $instances)) { continue }
      foreach ($instance in @(Get-ChildItem -LiteralPath $instances -Name)) {
        $entry = Get-ItemProperty -LiteralPath ($instances + '\' + $instance)
        @{ Service = [string]$service; Altitude = [string]$entry.Altitude }
      }
    }
  })
