# Sent once to each PowerShell process, before any query. Windows PowerShell 5.1, full or constrained
# language: where .NET may not be used, each function has a way without it.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$VerbosePreference = 'SilentlyContinue'
$InformationPreference = 'SilentlyContinue'
$AffiantMode = [string]$ExecutionContext.SessionState.LanguageMode
$AffiantUtf8 = $false
try {
  # Without a console (a service) there is no encoding to set, and constrained language forbids it.
  [Console]::OutputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
  $AffiantUtf8 = $true
} catch { $AffiantUtf8 = $false }

function Format-Instant {
  # RFC 3339 in UTC. What is no date is left as it is.
  param($Value)
  if ($Value -is [datetime]) { return $Value.ToUniversalTime().ToString('o') }
  return $Value
}

function Format-Version {
  # The four numbers of a file's version, from the numbers and not from the text, which is free.
  param($Info)
  if ($null -eq $Info) { return $null }
  return '{0}.{1}.{2}.{3}' -f $Info.FileMajorPart, $Info.FileMinorPart, $Info.FileBuildPart, $Info.FilePrivatePart
}

function Get-QueryError {
  # Codes of an error, all independent of the language of the server, and its message for a person.
  param($Record)
  $codes = @()
  $natives = @()
  $exception = $Record.Exception
  for ($depth = 0; $depth -lt 8 -and $null -ne $exception; $depth++) {
    if ($null -ne $exception.StatusCode -and $exception.StatusCode -is [uint32]) { $codes += ('{0:x8}' -f $exception.StatusCode) }
    if ($null -ne $exception.HResult) { $codes += ('{0:x8}' -f $exception.HResult) }
    if ($null -ne $exception.ErrorCode -and $exception.ErrorCode -is [int]) { $codes += ('{0:x8}' -f $exception.ErrorCode) }
    if ($null -ne $exception.NativeErrorCode) {
      $native = $exception.NativeErrorCode -as [int]
      if ($null -ne $native) { $natives += $native }
    }
    $exception = $exception.InnerException
  }
  $message = [string]$Record.Exception.Message
  if ($message.Length -gt 300) { $message = $message.Substring(0, 300) }
  return @{
    id = [string]$Record.FullyQualifiedErrorId
    category = [string]$Record.CategoryInfo.Category
    type = [string]$Record.CategoryInfo.Reason
    hresults = @($codes)
    natives = @($natives)
    message = $message
  }
}

function Read-Part {
  # One part of an answer: its value, or its own error, so that one missing part does not cost the others.
  param([scriptblock]$Body)
  try { return @{ value = (& $Body) } } catch { return @{ error = (Get-QueryError $_) } }
}

function Get-Caller {
  # The account that asks, and whether its token is elevated.
  $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
  $principal = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $identity
  return @{
    user = [string]$identity.Name
    sid = [string]$identity.User.Value
    elevated = $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
  }
}

function Get-AdsiObject {
  # An object of ADSI by its path: WinNT://..., LDAP://...
  param([string]$Path)
  return [adsi]$Path
}

function Get-AccountName {
  # The name that this Windows gives a SID: DOMAIN\name.
  param([string]$Sid)
  $known = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Sid
  return [string]$known.Translate([System.Security.Principal.NTAccount]).Value
}

function Get-AccountSid {
  param([string]$Name)
  $known = New-Object -TypeName System.Security.Principal.NTAccount -ArgumentList $Name
  return [string]$known.Translate([System.Security.Principal.SecurityIdentifier]).Value
}

function Get-LocalMember {
  # Members of a local group as ADSI lists them, each with its path and the bytes of its SID. Of a member that nobody
  # can name the path holds the SID.
  param([string]$Name)
  $group = Get-AdsiObject ('WinNT://' + $env:COMPUTERNAME + '/' + $Name + ',group')
  foreach ($native in @($group.Invoke('Members'))) {
    $path = $null
    $encoded = $null
    $problem = $null
    try { $path = [string]$native.GetType().InvokeMember('AdsPath', 'GetProperty', $null, $native, $null) } catch { $problem = Get-QueryError $_ }
    try {
      $bytes = $native.GetType().InvokeMember('objectSid', 'GetProperty', $null, $native, $null)
      $encoded = [Convert]::ToBase64String([byte[]]$bytes)
    } catch { $problem = Get-QueryError $_ }
    @{ Path = $path; ObjectSid = $encoded; Error = $problem }
  }
}

function Get-LdapEntry {
  # Entries of the directory as tables of texts; SIDs and security descriptors in their text form, whatever else is binary left out. Names of
  # members carry their SIDs and how long a membership still lasts. Only reads, signed and sealed by Kerberos or NTLM.
  param([string]$Base, [string]$Filter, [string]$Scope, [string[]]$Attributes)
  $null = [Reflection.Assembly]::LoadWithPartialName('System.DirectoryServices.Protocols')
  if ($null -eq $script:AffiantDirectory) {
    $server = [string](Get-AdsiObject 'LDAP://RootDSE').InvokeGet('dnsHostName')
    $connection = New-Object -TypeName System.DirectoryServices.Protocols.LdapConnection -ArgumentList $server
    $connection.SessionOptions.ProtocolVersion = 3
    $connection.SessionOptions.Signing = $true
    $connection.SessionOptions.Sealing = $true
    $connection.Timeout = [TimeSpan]::FromSeconds(20)
    $connection.Bind()
    $script:AffiantDirectory = $connection
  }
  $cookie = $null
  do {
    $request = New-Object -TypeName System.DirectoryServices.Protocols.SearchRequest -ArgumentList @($Base, $Filter, $Scope, $Attributes)
    if ($Base -ne '') {
      $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.ExtendedDNControl -ArgumentList 'StandardString'))
      $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.DirectoryControl -ArgumentList @('1.2.840.113556.1.4.2309', $null, $false, $true)))
    }
    if ($Attributes -contains 'nTSecurityDescriptor') {
      # Owner and access rules: without this, whoever may not read audit rules gets nothing.
      $null = $request.Controls.Add((New-Object -TypeName System.DirectoryServices.Protocols.SecurityDescriptorFlagControl -ArgumentList ([System.DirectoryServices.Protocols.SecurityMasks]5)))
    }
    $page = $null
    if ($Scope -eq 'Subtree') {
      $page = New-Object -TypeName System.DirectoryServices.Protocols.PageResultRequestControl -ArgumentList 1000
      if ($null -ne $cookie) { $page.Cookie = $cookie }
      $null = $request.Controls.Add($page)
    }
    try { $response = $script:AffiantDirectory.SendRequest($request) } catch {
      $inner = $_.Exception
      while ($null -ne $inner.InnerException) { $inner = $inner.InnerException }
      # There is no such object, which is an answer.
      if ([string]$inner.Response.ResultCode -eq 'NoSuchObject') { return }
      throw
    }
    foreach ($entry in $response.Entries) {
      $answer = @{}
      foreach ($name in $entry.Attributes.AttributeNames) {
        if ($name -eq 'objectSid') {
          $answer[$name] = @($entry.Attributes[$name].GetValues([byte[]]) | ForEach-Object { (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList ([byte[]]$_), 0).Value })
        } elseif ($name -eq 'nTSecurityDescriptor' -or $name -eq 'msDS-AllowedToActOnBehalfOfOtherIdentity') {
          $answer[$name] = @($entry.Attributes[$name].GetValues([byte[]]) | ForEach-Object { (New-Object -TypeName System.Security.AccessControl.RawSecurityDescriptor -ArgumentList ([byte[]]$_), 0).GetSddlForm([System.Security.AccessControl.AccessControlSections]6) })
        } else { $answer[$name] = @($entry.Attributes[$name].GetValues([string])) }
      }
      $answer
    }
    $cookie = $null
    foreach ($control in $response.Controls) { if ($control.GetType().Name -eq 'PageResultResponseControl' -and $control.Cookie.Length -gt 0) { $cookie = $control.Cookie } }
  } while ($null -ne $cookie)
}

function Get-ExportFolder {
  # A new folder that SYSTEM and Administrators alone can open, from the moment it is there.
  $path = [IO.Path]::Combine($env:SystemRoot, 'Temp', 'affiant-' + [guid]::NewGuid().ToString('N'))
  $security = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
  $security.SetSecurityDescriptorSddlForm('D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
  $null = [IO.Directory]::CreateDirectory($path, $security)
  return $path
}

function Read-Export {
  # What tools of Windows can only write to a file: into a folder of our own, read, and gone again, whatever happens.
  # {0} in an argument stands for the file.
  param([string]$Program, [string[]]$Arguments, [string]$File)
  $folder = Get-ExportFolder
  try {
    $path = [IO.Path]::Combine($folder, $File)
    $given = @($Arguments | ForEach-Object { $_ -f $path })
    $null = & ([IO.Path]::Combine($env:SystemRoot, 'System32', $Program)) $given
    $code = $LASTEXITCODE
    # 5: access denied. 1314: a privilege is not held.
    if ($code -eq 5 -or $code -eq 1314) { throw (New-Object -TypeName System.UnauthorizedAccessException -ArgumentList "$Program ended with exit code $code") }
    if (-not [IO.File]::Exists($path)) { throw (New-Object -TypeName System.InvalidOperationException -ArgumentList "$Program ended with exit code $code and no file") }
    return [IO.File]::ReadAllLines($path)
  } finally {
    [IO.Directory]::Delete($folder, $true)
  }
}

function Protect-Bytes {
  # DPAPI of this machine, not of one user: the service, the task and an administrator share one state folder, whose
  # access rules say who may read what was protected (CryptProtectData, CRYPTPROTECT_LOCAL_MACHINE).
  param([byte[]]$Bytes)
  $null = [Reflection.Assembly]::LoadWithPartialName('System.Security')
  return , [Security.Cryptography.ProtectedData]::Protect($Bytes, $null, [Security.Cryptography.DataProtectionScope]::LocalMachine)
}

function Unprotect-Bytes {
  param([byte[]]$Bytes)
  $null = [Reflection.Assembly]::LoadWithPartialName('System.Security')
  return , [Security.Cryptography.ProtectedData]::Unprotect($Bytes, $null, [Security.Cryptography.DataProtectionScope]::LocalMachine)
}

function Read-Parameter {
  # The parameters of a query: base64 of JSON in ASCII.
  param([string]$Encoded)
  if ($Encoded -eq '') { return $null }
  if ($AffiantMode -eq 'FullLanguage') {
    return ConvertFrom-Json -InputObject ([Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($Encoded)))
  }
  $alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  $bits = 0
  $held = 0
  $letters = foreach ($letter in $Encoded.ToCharArray()) {
    $at = $alphabet.IndexOf($letter)
    if ($at -lt 0) { continue }
    $held = ($held * 64 + $at) % 65536
    $bits += 6
    if ($bits -ge 8) {
      $bits -= 8
      [string][char](($held -shr $bits) -band 255)
    }
  }
  return ConvertFrom-Json -InputObject (-join $letters)
}

function Send-Answer {
  param([string]$Mark, [string]$Json)
  if (-not $AffiantUtf8 -and $Json -match '[^\x20-\x7e]') {
    # The code page of the console is not ours to know: nothing but ASCII is sent.
    $letters = foreach ($letter in $Json.ToCharArray()) {
      if ([int]$letter -lt 32 -or [int]$letter -gt 126) { '\u{0:x4}' -f [int]$letter } else { [string]$letter }
    }
    $Json = -join $letters
  }
  $line = "<$Mark $Json $Mark>"
  if ($AffiantMode -eq 'FullLanguage') { [Console]::Out.WriteLine($line) } else { $line }
}

function Invoke-AffiantQuery {
  param([string]$Mark, [string]$Encoded, [scriptblock]$Body)
  try {
    $parameters = Read-Parameter $Encoded
    $value = & $Body $parameters
    $json = ConvertTo-Json -InputObject @{ value = $value } -Depth 10 -Compress
  } catch {
    $json = ConvertTo-Json -InputObject @{ error = (Get-QueryError $_) } -Depth 5 -Compress
  }
  Send-Answer $Mark $json
}
