# Objects of the directory by SID or account name: what each is, and of a group its direct members, in the form that
# carries their SIDs, so that no member needs a look-up of its own. Long lists come in pieces of what the server allows.
param($Parameters)
$maxMembers = 20000
function Read-Members {
  param($Distinguished)
  $all = @()
  $complete = $true
  $from = 0
  while ($true) {
    $entry = @(Get-LdapEntry $Distinguished '(objectClass=*)' 'Base' @('member;range=' + $from + '-*'))[0]
    $ranged = @($entry.Keys | Where-Object { $_ -like 'member*' })[0]
    if ($null -eq $ranged) { break }
    $all += @($entry[$ranged])
    # The last piece ends in a star.
    if ($ranged -notlike 'member;range=*' -or $ranged -like '*-`*') { break }
    $from = $all.Count
    if ($from -gt $maxMembers) { $complete = $false; break }
  }
  return @{ members = @($all); complete = $complete }
}
$root = @(Get-LdapEntry '' '(objectClass=*)' 'Base' @('defaultNamingContext'))[0]
$naming = [string]@($root.defaultNamingContext)[0]
$attributes = @('distinguishedName', 'objectSid', 'objectClass', 'sAMAccountName', 'name', 'userAccountControl', 'pwdLastSet', 'lastLogonTimestamp', 'accountExpires', 'lockoutTime', 'adminCount', 'msDS-AssignedAuthNPolicySilo')
$short = (($naming -split ',')[0] -split '=')[-1].ToUpper()
$interval = (Read-Part { @(@(Get-LdapEntry $naming '(objectClass=*)' 'Base' @('msDS-LogonTimeSyncInterval'))[0].'msDS-LogonTimeSyncInterval')[0] }).value
@(foreach ($subject in $Parameters.subjects) {
    try {
      if ($subject -like 'S-1-*') {
        $found = @(Get-LdapEntry ('<SID=' + $subject + '>') '(objectClass=*)' 'Base' $attributes)
      } else {
        $found = @(Get-LdapEntry $naming ('(sAMAccountName=' + ($subject -replace '[\\*()]', '') + ')') 'Subtree' $attributes)
      }
      if ($found.Count -eq 0) { @{ Asked = [string]$subject; Found = $false }; continue }
      $entry = $found[0]
      $classes = @($entry.objectClass)
      $answer = @{
        Asked = [string]$subject
        Found = $true
        ObjectSid = @($entry.objectSid)[0]
        ObjectClass = $classes
        DomainName = $short
        SamAccountName = @($entry.sAMAccountName)[0]
        Name = @($entry.name)[0]
        ReadAt = (Format-Instant (Get-Date))
        LogonTimeSyncInterval = $interval
        UserAccountControl = @($entry.userAccountControl)[0]
        PwdLastSet = @($entry.pwdLastSet)[0]
        LastLogonTimestamp = @($entry.lastLogonTimestamp)[0]
        AccountExpires = @($entry.accountExpires)[0]
        LockoutTime = @($entry.lockoutTime)[0]
        AdminCount = @($entry.adminCount)[0]
        AuthNPolicySilo = @($entry.'msDS-AssignedAuthNPolicySilo')[0]
      }
      if ($classes -contains 'group') {
        try {
          $read = Read-Members ([string]@($entry.distinguishedName)[0] -replace '^(<[^>]*>[;,])+', '')
          $answer.Members = $read.members
          $answer.MembersComplete = $read.complete
          # Members by their primary group stand in no list.
          $rid = ([string]@($entry.objectSid)[0] -split '-')[-1]
          $answer.PrimaryMembers = @(Get-LdapEntry $naming ('(primaryGroupID=' + $rid + ')') 'Subtree' @('objectSid') | ForEach-Object { @($_.objectSid)[0] })
        } catch { $answer.MembersError = (Get-QueryError $_) }
      }
      $answer
    } catch {
      @{ Asked = [string]$subject; Found = $false; Error = (Get-QueryError $_) }
    }
  })
