# Accounts, directory and event logs of the recorded Windows; whole cmdlets last. Read after fakes.ps1.
function Get-AdsiObject {
  param([string]$Path)
  foreach ($each in @($FakeMachine.adsi.Keys)) {
    if ($each -ieq $Path) {
      $told = $FakeMachine.adsi[$each]
      if ($told -is [System.Collections.IDictionary] -and $told.Contains('error')) { Throw-Fake $told.error }
      return Add-FakeMethods $told
    }
  }
  Throw-Fake @{ kind = 'com'; code = '80072030'; message = "no object $Path" }
}

function Get-AccountName {
  # Names of SIDs by the recording's `names`; what is not there cannot be mapped.
  param([string]$Sid)
  $told = $FakeMachine.names[$Sid]
  if ($told -is [System.Collections.IDictionary]) { Throw-Fake $told.error }
  if ($null -eq $told) { throw (New-FakeNotMapped) }
  return [string]$told
}

function Get-AccountSid {
  param([string]$Name)
  foreach ($sid in @($FakeMachine.names.Keys)) { if ([string]$FakeMachine.names[$sid] -ieq $Name) { return $sid } }
  throw (New-FakeNotMapped)
}

function New-FakeNotMapped {
  return New-Object System.Management.Automation.ErrorRecord -ArgumentList (New-Object System.Exception -ArgumentList 'not mapped'), 'IdentityNotMappedException', 'NotSpecified', $null
}

function Get-LocalMember {
  # Members of a local group by its name: `{path, sid (base64), error}` each.
  param([string]$Name)
  $told = $FakeMachine.localGroups[$Name]
  if ($told -is [System.Collections.IDictionary] -and $told.Contains('hang')) { Start-Sleep -Seconds $told.hang }
  if ($told -is [System.Collections.IDictionary] -and $told.Contains('error')) { Throw-Fake $told.error }
  foreach ($member in @($told)) {
    $problem = $null
    if ($member.error) { try { Throw-Fake $member.error } catch { $problem = Get-QueryError $_ } }
    @{ Path = $member.path; ObjectSid = $member.sid; Error = $problem }
  }
}

function Get-LdapEntry {
  # Entries by base, filter and scope. Whoever is asked for what the recording does not have has no such object.
  param([string]$Base, [string]$Filter, [string]$Scope, [string[]]$Attributes)
  if ($FakeMachine.ldap.Contains('error')) { Throw-Fake $FakeMachine.ldap.error }
  $range = @($Attributes | Where-Object { $_ -like 'member;range=*' })[0]
  $told = $FakeMachine.ldap["$Base|$Filter|$Scope"]
  if ($told -is [System.Collections.IDictionary] -and $told.Contains('error')) { Throw-Fake $told.error }
  foreach ($entry in @($told | Where-Object { $null -ne $_ })) {
    $answer = @{}
    foreach ($name in @($entry.Keys)) { $answer[$name] = @($entry[$name]) }
    if ($range) {
      # A server gives 1500 values of an attribute at once.
      $from = [int](($range -split '=')[1] -split '-')[0]
      $all = @($entry.member)
      $answer = @{}
      if ($all.Count -gt $from) {
        $to = [Math]::Min($from + 1499, $all.Count - 1)
        $label = if ($to -eq $all.Count - 1) { '*' } else { [string]$to }
        $answer["member;range=$from-$label"] = @($all[$from..$to])
      }
    } else { $answer.Remove('member') }
    $answer
  }
}

function Read-Export {
  # What a tool would have written, by its name.
  param([string]$Program, [string[]]$Arguments, [string]$File)
  Send-Fake $FakeMachine.exports[$Program]
}

function Get-WinEvent {
  # Logs by name, and the events of a filter by log and number.
  param($ListLog, $LogName, [switch]$Oldest, $MaxEvents, $FilterHashtable)
  $events = $FakeMachine.events
  if ($events.error) { Throw-Fake $events.error }
  if ($ListLog -or $LogName) {
    $told = $events.logs["$ListLog$LogName"]
    if ($null -eq $told) { throw (New-Object System.Diagnostics.Eventing.Reader.EventLogNotFoundException -ArgumentList "no log $ListLog$LogName") }
    if ($told.error) { Throw-Fake $told.error }
    if ($ListLog) { return Convert-Fake $told }
    return [pscustomobject]@{ TimeCreated = [datetime]::Parse($told.oldest, [cultureinfo]::InvariantCulture, 'RoundtripKind') }
  }
  $found = @($events.cleared | Where-Object { $null -ne $_ -and $_.LogName -eq $FilterHashtable.LogName -and @($FilterHashtable.Id) -contains $_.Id })
  if ($found.Count -eq 0) {
    throw (New-Object System.Management.Automation.ErrorRecord -ArgumentList (New-Object System.Exception -ArgumentList 'none'), 'NoMatchingEventsFound,Microsoft.PowerShell.Commands.GetWinEventCommand', 'ObjectNotFound', $null)
  }
  foreach ($each in $found) {
    $made = Convert-Fake $each
    $made | Add-Member -MemberType ScriptMethod -Name ToXml -Value { return $this.xml }
    $made
  }
}

function Get-Caller {
  if ($FakeMachine.caller -and $FakeMachine.caller.Contains('error')) { Throw-Fake $FakeMachine.caller.error }
  if ($FakeMachine.caller) { return $FakeMachine.caller }
  return @{ user = 'NT AUTHORITY\SYSTEM'; sid = 'S-1-5-18'; elevated = $true }
}

# Whole cmdlets: each becomes a function that gives what was recorded, whatever it is asked.
if ($FakeMachine.cmdlets) {
  foreach ($cmdlet in @($FakeMachine.cmdlets.Keys)) {
    Set-Item -Path "function:global:$cmdlet" -Value ([scriptblock]::Create("Send-Fake `$FakeMachine.cmdlets['$cmdlet']"))
  }
}
