# Who cleared a log: event 1102 of Security and 104 of System. The fields are read by their place and name in the event, never from its text.
function Read-Clearing {
  param($Event)
  $xml = [xml]$Event.ToXml()
  $data = $xml.Event.UserData.LogFileCleared
  @{ Id = $Event.Id; LogName = [string]$Event.LogName; TimeCreated = (Format-Instant $Event.TimeCreated); SubjectUserName = [string]$data.SubjectUserName; SubjectDomainName = [string]$data.SubjectDomainName; Channel = [string]$data.Channel }
}
$answers = @()
foreach ($filter in @(@{ LogName = 'Security'; Id = 1102 }, @{ LogName = 'System'; Id = 104; ProviderName = 'Microsoft-Windows-Eventlog' })) {
  try {
    $answers += @(Get-WinEvent -FilterHashtable $filter -MaxEvents 500 | ForEach-Object { Read-Clearing $_ })
  } catch {
    # There is none: which is an answer, unlike every other error.
    if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
  }
}
@($answers)
