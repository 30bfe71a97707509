# Puts a recorded Windows in the place of the one that is not there: functions come before cmdlets.
# $FakeMachine holds the recording.
function New-FakeError {
  # The exception that Windows throws, by its class and code.
  param($Told)
  $message = [string]$Told.message
  switch ($Told.kind) {
    'access-denied' { return New-Object System.UnauthorizedAccessException -ArgumentList $message }
    'win32' { return New-Object System.ComponentModel.Win32Exception -ArgumentList ([int]$Told.code), $message }
    default { return New-Object System.Runtime.InteropServices.COMException -ArgumentList $message, ([int]("0x$($Told.code)")) }
  }
}

function Throw-Fake {
  param($Told)
  if ($Told.kind -eq 'no-cmdlet') {
    throw (New-Object System.Management.Automation.CommandNotFoundException -ArgumentList ([string]$Told.message))
  }
  if ($Told.kind -eq 'not-found') {
    throw (New-Object System.Management.Automation.ItemNotFoundException -ArgumentList ([string]$Told.message))
  }
  if ($Told.kind -eq 'cim') {
    # CIM cmdlets tell the HRESULT in the id of the record: HRESULT 0x8004100e,Microsoft.Management...
    $record = New-Object System.Management.Automation.ErrorRecord -ArgumentList (New-Object System.Exception -ArgumentList ([string]$Told.message)), "HRESULT 0x$($Told.code),Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand", 'NotSpecified', $null
    throw $record
  }
  throw (New-FakeError $Told)
}

function Convert-Fake {
  # Recorded members as objects; a member named `date:X` is a date, as CIM gives it.
  param($Value)
  if ($Value -is [System.Collections.IDictionary]) {
    $made = [ordered]@{}
    foreach ($name in $Value.Keys) {
      if ($name.StartsWith('date:')) { $made[$name.Substring(5)] = [datetime]::Parse($Value[$name], [cultureinfo]::InvariantCulture, 'RoundtripKind') }
      else { $made[$name] = Convert-Fake $Value[$name] }
    }
    return [pscustomobject]$made
  }
  if ($Value -is [System.Collections.IList]) { return , @($Value | ForEach-Object { Convert-Fake $_ }) }
  return $Value
}

function Send-Fake {
  # An answer of the recording: a list, an error, or a wait.
  param($Answer)
  if ($Answer -is [System.Collections.IDictionary]) {
    if ($Answer.Contains('hang')) { Start-Sleep -Seconds $Answer.hang; return }
    if ($Answer.Contains('error')) { Throw-Fake $Answer.error }
  }
  foreach ($each in @($Answer)) { Convert-Fake $each }
}

function Test-FakeFilter {
  # Names in a filter of WQL, joined by OR; any other filter lets all through, as the recording holds what it gave.
  param($Instance, [string]$Filter)
  $terms = @($Filter -split ' OR ')
  foreach ($term in $terms) {
    if ($term -notmatch "^Name(?:=| LIKE )'([^']*)'$") { return $true }
    if ([string]$Instance.Name -like ($Matches[1] -replace '%', '*')) { return $true }
  }
  return $false
}

function Get-CimInstance {
  param([string]$ClassName, [string]$Namespace = 'root/cimv2', [string]$Filter, $Property, $OperationTimeoutSec, $ErrorAction)
  $long = "$($Namespace.Replace('\', '/'))/$ClassName"
  foreach ($name in @($long, $ClassName)) {
    if ($FakeMachine.cim -and $FakeMachine.cim.ContainsKey($name)) {
      return Send-Fake $FakeMachine.cim[$name] | Where-Object { Test-FakeFilter $_ $Filter }
    }
  }
  Throw-Fake @{ kind = 'cim'; code = '80041010'; message = "Invalid class $long" }
}

function Get-FakeKey {
  param([string]$Path)
  $name = $Path -replace '^(Microsoft\.PowerShell\.Core\\)?Registry::', '' -replace '^HKLM:\\', 'HKEY_LOCAL_MACHINE\'
  foreach ($key in $FakeMachine.registry.Keys) { if ($key -ieq $name) { return @{ name = $key; entry = $FakeMachine.registry[$key] } } }
  $below = @($FakeMachine.registry.Keys | Where-Object { $_ -like "$name\*" })
  if ($below.Count -gt 0) { return @{ name = $name; entry = @{ values = @{} } } }
  return $null
}

function Test-FakePath {
  param([string]$Path)
  return $Path -match '^(Microsoft\.PowerShell\.Core\\)?Registry::|^HKLM:'
}

function Get-FakeFile {
  param([string]$Path)
  foreach ($file in @($FakeMachine.files.Keys)) { if ($file -ieq $Path) { return $FakeMachine.files[$file] } }
  return $null
}

function Get-Item {
  param([string]$LiteralPath, $ErrorAction)
  if (-not (Test-FakePath $LiteralPath)) {
    $file = Get-FakeFile $LiteralPath
    if ($null -eq $file) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
    if ($file.error) { Throw-Fake $file.error }
    $numbers = @([string]$file.version -split '\.') + @('0', '0', '0', '0')
    $info = [pscustomobject]@{ FileMajorPart = [int]$numbers[0]; FileMinorPart = [int]$numbers[1]; FileBuildPart = [int]$numbers[2]; FilePrivatePart = [int]$numbers[3]; FileVersion = $file.version; ProductVersion = $file.version }
    return [pscustomobject]@{ FullName = $LiteralPath; Name = ($LiteralPath -split '\\')[-1]; VersionInfo = $info }
  }
  $found = Get-FakeKey $LiteralPath
  if ($null -eq $found) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
  if ($found.entry.error) { Throw-Fake $found.entry.error }
  $values = $found.entry.values
  if ($null -eq $values) { $values = @{} }
  $key = [pscustomobject]@{ Name = $found.name; FakeValues = $values }
  $key | Add-Member -MemberType ScriptMethod -Name GetValueNames -Value { @($this.FakeValues.Keys) }
  $key | Add-Member -MemberType ScriptMethod -Name GetValueKind -Value { param($n) $this.FakeValues[$n].kind }
  $key | Add-Member -MemberType ScriptMethod -Name GetValue -Value {
    param($n, $default, $options)
    $told = $this.FakeValues[$n]
    if ($null -eq $told) { return $default }
    if ($told.kind -eq 'Binary') { return , [Convert]::FromBase64String([string]$told.value) }
    if ($told.kind -eq 'DWord') { return [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$told.value), 0) }
    if ($told.kind -eq 'QWord') { return [long]$told.value }
    return $told.value
  }
  return $key
}

function Get-ItemProperty {
  param([string]$LiteralPath, $Name, $ErrorAction)
  $found = Get-FakeKey $LiteralPath
  if ($null -eq $found) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
  if ($found.entry.error) { Throw-Fake $found.entry.error }
  $made = [ordered]@{}
  if ($found.entry.values) {
    foreach ($each in $found.entry.values.Keys) {
      $told = $found.entry.values[$each]
      $value = $told.value
      if ($told.kind -eq 'DWord') { $value = [int][BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$value), 0) }
      if ($told.kind -eq 'QWord') { $value = [long]$value }
      if ($told.kind -eq 'MultiString') { $value = [string[]]@($value) }
      if ($told.kind -eq 'Binary') { $value = [Convert]::FromBase64String([string]$value) }
      $made[$each] = $value
    }
  }
  $made['PSPath'] = $LiteralPath
  $made['PSChildName'] = ($LiteralPath -split '\\')[-1]
  return [pscustomobject]$made
}

function Get-ChildItem {
  param([string]$LiteralPath, [switch]$Name, $Filter, [switch]$Recurse, [switch]$File, $ErrorAction)
  if (-not (Test-FakePath $LiteralPath)) {
    foreach ($file in @($FakeMachine.files.Keys)) {
      if ($file.ToLowerInvariant().StartsWith($LiteralPath.TrimEnd('\').ToLowerInvariant() + '\')) {
        $leaf = ($file -split '\\')[-1]
        if (-not $Filter -or $leaf -like $Filter) { if ($Name) { $leaf } else { Get-Item -LiteralPath $file } }
      }
    }
    return
  }
  $found = Get-FakeKey $LiteralPath
  if ($null -eq $found) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
  if ($found.entry.error) { Throw-Fake $found.entry.error }
  $start = $found.name + '\'
  $names = @($FakeMachine.registry.Keys | Where-Object { $_.ToLowerInvariant().StartsWith($start.ToLowerInvariant()) } | ForEach-Object { ($_.Substring($start.Length) -split '\\')[0] } | Sort-Object -Unique)
  foreach ($each in $names) { if ($Name) { $each } else { [pscustomobject]@{ PSChildName = $each; Name = $start + $each; PSPath = 'Registry::' + $start + $each } } }
}

function Test-Path {
  param([string]$LiteralPath, $PathType, $ErrorAction)
  if (Test-FakePath $LiteralPath) { return $null -ne (Get-FakeKey $LiteralPath) }
  return $null -ne (Get-FakeFile $LiteralPath)
}

function Get-Content {
  param([string]$LiteralPath, [switch]$Raw, $Encoding, $TotalCount, $ErrorAction)
  $file = Get-FakeFile $LiteralPath
  if ($null -eq $file) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
  if ($file.error) { Throw-Fake $file.error }
  return $file.text
}

function Get-Acl {
  param([string]$LiteralPath)
  $file = Get-FakeFile $LiteralPath
  if ($null -eq $file) { Throw-Fake @{ kind = 'not-found'; message = "no $LiteralPath" } }
  return [pscustomobject]@{ Sddl = $file.text }
}

function Get-FakeFolder {
  param([string]$Path)
  foreach ($folder in @($FakeMachine.folders.Keys)) { if ($null -ne $folder -and $folder -ieq $Path) { return , @($FakeMachine.folders[$folder]) } }
  return $null
}

function Get-FileAbout {
  param([string]$Path)
  if ($null -ne (Get-FakeFolder $Path)) { return @{ kind = 'directory'; link = ''; size = $null; modified = '2026-01-02T03:04:05.0000000Z' } }
  $file = Get-FakeFile $Path
  if ($null -eq $file) { Throw-Fake @{ kind = 'not-found'; message = "no $Path" } }
  if ($file.error) { Throw-Fake $file.error }
  return @{ kind = 'file'; link = ''; size = [Text.Encoding]::UTF8.GetByteCount([string]$file.text); modified = '2026-01-02T03:04:05.0000000Z' }
}

function Get-FolderName {
  param([string]$Path)
  foreach ($name in (Get-FakeFolder $Path)) { $name }
}

function Read-FileBytes {
  param([string]$Path, [int]$Most)
  $bytes = [Text.Encoding]::UTF8.GetBytes([string](Get-FakeFile $Path).text)
  if ($bytes.Length -gt $Most) { $bytes = $bytes[0..($Most - 1)] }
  # As numbers where .NET may not be used.
  if ($AffiantMode -ne 'FullLanguage') { return @($bytes) }
  return [Convert]::ToBase64String($bytes)
}

function Read-Program {
  # What a program prints, by its path and arguments.
  param([string]$Path, [string]$Arguments, [int]$Most)
  $told = $FakeMachine.programs["$Path $Arguments"]
  if ($null -eq $told) { Throw-Fake @{ kind = 'win32'; code = '2'; message = "no $Path" } }
  if ($told.Contains('hang')) { Start-Sleep -Seconds $told.hang }
  return @{ exitCode = 0; stdout = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([string]$told.stdout)); truncated = $false }
}

function Add-FakeMethods {
  # Members of a COM object; a member `method:X` is called with any arguments and gives what is recorded.
  param($Members)
  if ($Members -isnot [System.Collections.IDictionary]) {
    if ($Members -is [System.Collections.IList]) { return , @(foreach ($each in $Members) { Add-FakeMethods $each }) }
    return $Members
  }
  $notes = [ordered]@{ FakeMembers = $Members }
  $methods = @()
  foreach ($name in $Members.Keys) {
    $told = $Members[$name]
    if ($name.StartsWith('method:')) { $methods += $name }
    elseif ($name.StartsWith('table:')) {
      # Indexed by name, as the property collections of ADSI are.
      $table = @{}
      foreach ($each in @($told.Keys)) { $table[$each] = Add-FakeMethods $told[$each] }
      $notes[$name.Substring(6)] = $table
    } elseif ($name.StartsWith('date:')) {
      $notes[$name.Substring(5)] = [datetime]::SpecifyKind([datetime]::Parse($told, [cultureinfo]::InvariantCulture, 'AdjustToUniversal'), 'Unspecified')
    } elseif ($told -is [System.Collections.ICollection]) { $notes[$name] = Add-FakeMethods $told }
    else { $notes[$name] = $told }
  }
  $object = [pscustomobject]$notes
  foreach ($name in $methods) {
    $told = $Members[$name]
    $object | Add-Member -MemberType ScriptMethod -Name $name.Substring(7) -Value ({
        if ($told -is [System.Collections.IDictionary] -and $told.Contains('hang')) { Start-Sleep -Seconds $told.hang; return $null }
        if ($told -is [System.Collections.IDictionary] -and $told.Contains('error')) { Throw-Fake $told.error }
        Add-FakeMethods $told
      }.GetNewClosure())
  }
  return $object
}

function New-Object {
  param([Parameter(Position = 0)][string]$TypeName, $ComObject, $ArgumentList, $Property)
  if ($ComObject) {
    $told = $FakeMachine.com[[string]$ComObject]
    if ($null -eq $told) { Throw-Fake @{ kind = 'com'; code = '80040154'; message = "no class $ComObject" } }
    if ($told -is [System.Collections.IDictionary] -and $told.Contains('error')) { Throw-Fake $told.error }
    return Add-FakeMethods $told
  }
  $known = @{ TypeName = $TypeName }
  if ($PSBoundParameters.ContainsKey('ArgumentList')) { $known['ArgumentList'] = $ArgumentList }
  Microsoft.PowerShell.Utility\New-Object @known
}
