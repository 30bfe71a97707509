# Who may change the objects on which a domain stands, and take its secrets: owners and access rules as SDDL of the
# domain's head, of what protects administrators, of the controllers' folder and of the privileged groups; and what is
# trusted to act for others. On a domain controller alone.
param($Parameters)
$root = @(Get-LdapEntry '' '(objectClass=*)' 'Base' @('defaultNamingContext'))[0]
$naming = [string]@($root.defaultNamingContext)[0]
$subjects = @(
  @{ Object = 'domain'; Base = $naming }
  @{ Object = 'admin-sd-holder'; Base = ('CN=AdminSDHolder,CN=System,' + $naming) }
  @{ Object = 'domain-controllers'; Base = ('OU=Domain Controllers,' + $naming) }
) + @($Parameters.groups | ForEach-Object { @{ Object = 'group'; Sid = $_; Base = ('<SID=' + $_ + '>') } })
$objects = @(foreach ($subject in $subjects) {
    $answer = @{ Object = $subject.Object; Sid = $subject.Sid }
    try {
      $entry = @(Get-LdapEntry $subject.Base '(objectClass=*)' 'Base' @('nTSecurityDescriptor'))[0]
      $answer.Found = ($null -ne $entry)
      $answer.Sddl = @($entry.nTSecurityDescriptor)[0]
    } catch { $answer.Error = (Get-QueryError $_) }
    $answer
  })
# Trusted for delegation without bounds, or told whom to take word from (resource-based constrained delegation).
$delegations = Read-Part {
  @(Get-LdapEntry $naming '(|(userAccountControl:1.2.840.113556.1.4.803:=524288)(msDS-AllowedToActOnBehalfOfOtherIdentity=*))' 'Subtree' @('objectSid', 'sAMAccountName', 'userAccountControl', 'msDS-AllowedToActOnBehalfOfOtherIdentity') | Select-Object -First 5001 | ForEach-Object {
      @{
        Sid = @($_.objectSid)[0]
        Name = @($_.sAMAccountName)[0]
        UserAccountControl = @($_.userAccountControl)[0]
        Sddl = @($_.'msDS-AllowedToActOnBehalfOfOtherIdentity')[0]
      }
    })
}
@{ Objects = $objects; Delegations = $delegations }
