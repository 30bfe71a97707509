# How far the directory is prepared for Exchange.
$root = Get-AdsiObject 'LDAP://RootDSE'
$schema = [string]$root.Properties['schemaNamingContext'].Value
$configuration = [string]$root.Properties['configurationNamingContext'].Value
$domain = [string]$root.Properties['defaultNamingContext'].Value
@{
  rangeUpper = (Read-Part { (Get-AdsiObject "LDAP://CN=ms-Exch-Schema-Version-Pt,$schema").Properties['rangeUpper'].Value })
  organisation = (Read-Part {
      foreach ($child in (Get-AdsiObject "LDAP://CN=Microsoft Exchange,CN=Services,$configuration").Children) {
        if ([string]$child.SchemaClassName -eq 'msExchOrganizationContainer') { $child.Properties['objectVersion'].Value }
      }
    })
  domain = (Read-Part { (Get-AdsiObject "LDAP://CN=Microsoft Exchange System Objects,$domain").Properties['objectVersion'].Value })
}
