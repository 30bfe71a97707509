# MSFT_MpComputerStatus as it stands. Members that this version lacks are left out, not made up.
$status = Get-CimInstance -Namespace 'root/Microsoft/Windows/Defender' -ClassName MSFT_MpComputerStatus
$answer = @{}
foreach ($property in $status.psobject.Properties) {
  if (@('AMEngineVersion', 'AMProductVersion', 'AMRunningMode', 'AMServiceEnabled', 'AntivirusEnabled', 'AntivirusSignatureAge', 'AntivirusSignatureLastUpdated', 'AntivirusSignatureVersion', 'BehaviorMonitorEnabled', 'ComputerState', 'DefenderSignaturesOutOfDate', 'FullScanAge', 'FullScanEndTime', 'IoavProtectionEnabled', 'IsTamperProtected', 'NISEnabled', 'OnAccessProtectionEnabled', 'QuickScanAge', 'QuickScanEndTime', 'RealTimeProtectionEnabled', 'TamperProtectionSource', 'TroubleShootingMode') -contains $property.Name) {
    $answer[$property.Name] = Format-Instant $property.Value
  }
}
$answer
