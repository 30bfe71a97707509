# Names and versions of installed programs, of both registry views. Win32_Product is never asked: it repairs what it lists.
$roots = @('HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall', 'HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall')
@(foreach ($root in $roots) {
    $path = 'Registry::' + $root
    if (-not (Test-Path -LiteralPath $path)) { continue }
    foreach ($key in @(Get-ChildItem -LiteralPath $path -Name)) {
      # Some of these keys have values that PowerShell cannot read as a whole; such a program has no usable name either.
      try { $entry = Get-ItemProperty -LiteralPath ($path + '\' + $key) } catch { continue }
      if ($entry.DisplayName) {
        @{ DisplayName = [string]$entry.DisplayName; DisplayVersion = [string]$entry.DisplayVersion; Publisher = [string]$entry.Publisher }
      }
    }
  })
