# What is registered as installed for all users, in both views of the registry.
$roots = @(
  @{ view = '64'; path = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' },
  @{ view = '32'; path = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall' }
)
@(foreach ($root in $roots) {
    $names = Read-Part { @(Get-ChildItem -LiteralPath $root.path -Name) }
    @{
      view = $root.view
      error = $names.error
      entries = @(foreach ($name in @($names.value)) {
          if ($null -eq $name) { continue }
          try {
            $values = Get-ItemProperty -LiteralPath ($root.path + '\' + $name)
            @{ key = [string]$name; name = [string]$values.DisplayName; version = [string]$values.DisplayVersion; publisher = [string]$values.Publisher; installed = [string]$values.InstallDate; parent = [string]$values.ParentKeyName; release = [string]$values.ReleaseType; hidden = $values.SystemComponent }
          } catch {
            @{ key = [string]$name; error = (Get-QueryError $_) }
          }
        })
    }
  })
