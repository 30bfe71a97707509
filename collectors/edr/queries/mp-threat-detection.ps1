# MSFT_MpThreatDetection: each detection that is still remembered.
@(Get-CimInstance -Namespace 'root/Microsoft/Windows/Defender' -ClassName MSFT_MpThreatDetection | ForEach-Object {
    @{
      ThreatID = [string]$_.ThreatID
      ThreatStatusID = $_.ThreatStatusID
      ActionSuccess = $_.ActionSuccess
      InitialDetectionTime = (Format-Instant $_.InitialDetectionTime)
      LastThreatStatusChangeTime = (Format-Instant $_.LastThreatStatusChangeTime)
      Resources = @($_.Resources | Where-Object { $null -ne $_ })
    }
  })
