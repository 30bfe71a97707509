# How far back the event logs reach, and what limits them.
$names = @('Security', 'System', 'Application', 'Windows PowerShell', 'Microsoft-Windows-PowerShell/Operational', 'Microsoft-Windows-Sysmon/Operational', 'Microsoft-Windows-Windows Defender/Operational', 'Microsoft-Windows-TaskScheduler/Operational', 'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational', 'Microsoft-Windows-WinRM/Operational', 'ForwardedEvents')
@(foreach ($name in $names) {
    try {
      $log = Get-WinEvent -ListLog $name
    } catch {
      # A log that this Windows does not have; Security is on every one.
      if ($name -eq 'Security') { throw }
      continue
    }
    $oldest = $null
    if ($log.RecordCount -gt 0) {
      try { $oldest = Format-Instant (Get-WinEvent -LogName $name -Oldest -MaxEvents 1).TimeCreated } catch { $oldest = $null }
    }
    @{ LogName = [string]$log.LogName; IsEnabled = $log.IsEnabled; LogMode = [string]$log.LogMode; MaximumSizeInBytes = $log.MaximumSizeInBytes; RecordCount = $log.RecordCount; OldestTime = $oldest }
  })
