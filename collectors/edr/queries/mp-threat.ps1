# MSFT_MpThreat: names and severity of what was found.
@(Get-CimInstance -Namespace 'root/Microsoft/Windows/Defender' -ClassName MSFT_MpThreat | ForEach-Object {
    @{ ThreatID = [string]$_.ThreatID; ThreatName = [string]$_.ThreatName; SeverityID = $_.SeverityID; IsActive = $_.IsActive }
  })
