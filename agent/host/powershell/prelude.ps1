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
