# Scheduled tasks and as whom they run. What they run is not asked for.
@(Get-ScheduledTask | ForEach-Object {
    @{ TaskPath = [string]$_.TaskPath; TaskName = [string]$_.TaskName; State = [string]$_.State; UserId = [string]$_.Principal.UserId; GroupId = [string]$_.Principal.GroupId; RunLevel = [string]$_.Principal.RunLevel; LogonType = [string]$_.Principal.LogonType }
  })
