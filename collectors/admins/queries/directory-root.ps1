# The domain of this machine: its SID, that of the forest's root, whether memberships can end by themselves, and when
# the password of LAPS for this machine runs out. The password itself is never asked for.
$root = @(Get-LdapEntry '' '(objectClass=*)' 'Base' @('defaultNamingContext', 'rootDomainNamingContext', 'configurationNamingContext'))[0]
$naming = [string]@($root.defaultNamingContext)[0]
$domain = @(Get-LdapEntry $naming '(objectClass=*)' 'Base' @('objectSid'))[0]
$forest = Read-Part { @(@(Get-LdapEntry ([string]@($root.rootDomainNamingContext)[0]) '(objectClass=*)' 'Base' @('objectSid'))[0].objectSid)[0] }
$features = Read-Part { @(@(Get-LdapEntry ('CN=Partitions,' + [string]@($root.configurationNamingContext)[0]) '(objectClass=*)' 'Base' @('msDS-EnabledFeature'))[0].'msDS-EnabledFeature' | Where-Object { $null -ne $_ }) }
$own = Read-Part { @(Get-LdapEntry $naming ('(&(objectCategory=computer)(sAMAccountName=' + $env:COMPUTERNAME + '$))') 'Subtree' @('msLAPS-PasswordExpirationTime', 'ms-Mcs-AdmPwdExpirationTime'))[0] }
$timeBound = $null
if ($null -eq $features.error) { $timeBound = [bool]@($features.value | Where-Object { $_ -like '*CN=Privileged Access Management Feature,*' }).Count }
@{
  DomainSid = [string]@($domain.objectSid)[0]
  ForestRootSid = $forest.value
  TimeBoundMemberships = $timeBound
  LapsExpires = @($own.value.'msLAPS-PasswordExpirationTime')[0]
  LegacyLapsExpires = @($own.value.'ms-Mcs-AdmPwdExpirationTime')[0]
}
