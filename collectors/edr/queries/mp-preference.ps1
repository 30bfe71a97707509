# MSFT_MpPreference: exclusions, attack surface reduction, cloud protection, what is done with grave threats. Where exclusions are hidden a sentence stands in their place.
$preference = Get-CimInstance -Namespace 'root/Microsoft/Windows/Defender' -ClassName MSFT_MpPreference
$answer = @{}
foreach ($property in $preference.psobject.Properties) {
  if (@('ExclusionPath', 'ExclusionProcess', 'ExclusionExtension', 'ExclusionIpAddress', 'AttackSurfaceReductionRules_Ids', 'AttackSurfaceReductionRules_Actions') -contains $property.Name) {
    $answer[$property.Name] = @($property.Value | Where-Object { $null -ne $_ })
  }
  if (@('MAPSReporting', 'CloudBlockLevel', 'SubmitSamplesConsent', 'ScanPurgeItemsAfterDelay', 'DisableRealtimeMonitoring', 'HighThreatDefaultAction', 'SevereThreatDefaultAction') -contains $property.Name) {
    $answer[$property.Name] = $property.Value
  }
}
$answer
