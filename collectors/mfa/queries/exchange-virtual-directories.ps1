# Virtual directories of this Exchange server as the directory holds them.
$root = @(Get-LdapEntry '' '(objectClass=*)' 'Base' @('configurationNamingContext'))[0]
$base = 'CN=Microsoft Exchange,CN=Services,' + [string]@($root.configurationNamingContext)[0]
$here = '*,CN=' + $env:COMPUTERNAME + ',CN=Servers,*'
$attributes = @('distinguishedName', 'objectClass', 'name', 'msExchInternalAuthenticationMethods', 'msExchExternalAuthenticationMethods', 'msExchInternalHostName', 'msExchExternalHostName')
@(Get-LdapEntry $base '(objectClass=msExchVirtualDirectory)' 'Subtree' $attributes | Where-Object { [string]@($_.distinguishedName)[0] -like $here } | ForEach-Object {
    @{
      objectClass = @($_.objectClass)
      name = @($_.name)[0]
      internalMethods = @($_.msExchInternalAuthenticationMethods)[0]
      externalMethods = @($_.msExchExternalAuthenticationMethods)[0]
      internalUrl = @($_.msExchInternalHostName)[0]
      externalUrl = @($_.msExchExternalHostName)[0]
    }
  })
