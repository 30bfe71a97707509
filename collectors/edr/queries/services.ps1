# Win32_Service: key names and states, which are the same in every language; display names are not asked for.
@(Get-CimInstance -Namespace 'root/cimv2' -ClassName Win32_Service | ForEach-Object {
    @{ Name = $_.Name; State = $_.State; StartMode = $_.StartMode; DelayedAutoStart = $_.DelayedAutoStart; PathName = $_.PathName; StartName = $_.StartName; ExitCode = $_.ExitCode }
  })
