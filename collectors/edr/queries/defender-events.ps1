# What Microsoft Defender Antivirus wrote into its event log: found (1116), dealt with (1117), not dealt with (1118, 1119), real-time
# protection on (5000) and off (5001). Fields by their names in the event, never its text; the newest first.
function Read-DefenderEvent {
  param($Event)
  $fields = @{}
  foreach ($data in @(([xml]$Event.ToXml()).Event.EventData.Data)) {
    if (@('Detection ID', 'Threat ID', 'Threat Name', 'Severity ID', 'Path', 'Action ID', 'Error Code') -contains $data.Name) { $fields[[string]$data.Name] = [string]$data.'#text' }
  }
  @{ Id = $Event.Id; TimeCreated = (Format-Instant $Event.TimeCreated); Fields = $fields }
}
try {
  @(Get-WinEvent -FilterHashtable @{ LogName = 'Microsoft-Windows-Windows Defender/Operational'; Id = @(1116, 1117, 1118, 1119, 5000, 5001) } -MaxEvents 2000 | ForEach-Object { Read-DefenderEvent $_ })
} catch {
  # There is none: which is an answer, unlike every other error.
  if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
  @()
}
