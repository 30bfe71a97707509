# Sent after the prelude where nothing but PowerShell reaches the machine: files, and programs of the list.
function Get-FileAbout {
  # A file or folder: what it is, its bytes and its last change. A link is told, not followed.
  param([string]$Path)
  $item = Get-Item -LiteralPath $Path -Force
  $kind = 'other'
  if ($item.PSIsContainer) { $kind = 'directory' } elseif ($null -ne $item.Length) { $kind = 'file' }
  return @{ kind = $kind; link = [string]$item.LinkType; size = $item.Length; modified = (Format-Instant $item.LastWriteTimeUtc) }
}

function Get-FolderName {
  param([string]$Path)
  return @(Get-ChildItem -LiteralPath $Path -Force -Name | ForEach-Object { "$_" })
}

function Read-FileBytes {
  # The first bytes of a file: as base64, or as numbers where .NET may not be used. Others may write to it meanwhile.
  param([string]$Path, [int]$Most)
  if ($AffiantMode -ne 'FullLanguage') { return @(Get-Content -LiteralPath $Path -Encoding Byte -ReadCount 0 -TotalCount $Most) }
  $stream = New-Object -TypeName System.IO.FileStream -ArgumentList $Path, ([IO.FileMode]::Open), ([IO.FileAccess]::Read), ([IO.FileShare]7)
  try { return Read-Stream $stream $Most } finally { $stream.Dispose() }
}

function Read-Stream {
  # The first bytes of a stream as base64.
  param($Stream, [int]$Most)
  $kept = New-Object -TypeName System.IO.MemoryStream
  $buffer = New-Object -TypeName 'byte[]' -ArgumentList 65536
  while ($kept.Length -lt $Most) {
    $count = $Stream.Read($buffer, 0, [Math]::Min(65536, $Most - $kept.Length))
    if ($count -le 0) { break }
    $kept.Write($buffer, 0, $count)
  }
  return [Convert]::ToBase64String($kept.ToArray())
}

function Read-Program {
  # What a program prints, as bytes in base64: no shell, no standard input, and past the cap it is ended.
  param([string]$Path, [string]$Arguments, [int]$Most)
  $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo -ArgumentList $Path, $Arguments
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $start.WorkingDirectory = [Environment]::SystemDirectory
  $process = [Diagnostics.Process]::Start($start)
  try {
    $process.StandardInput.Close()
    # Taken off its hands, so that it never waits for a reader, and thrown away, so that it fills no memory.
    $null = $process.StandardError.BaseStream.CopyToAsync([IO.Stream]::Null)
    $output = Read-Stream $process.StandardOutput.BaseStream $Most
    $truncated = $process.StandardOutput.BaseStream.ReadByte() -ge 0
    if ($truncated) { $process.Kill() }
    $process.WaitForExit()
    return @{ exitCode = $process.ExitCode; stdout = $output; truncated = $truncated }
  } finally {
    if (-not $process.HasExited) { $process.Kill() }
    $process.Dispose()
  }
}
