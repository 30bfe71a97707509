# Values and the names of the keys below, of each key that is asked for.
param($Parameters)
$answers = foreach ($key in $Parameters.keys) {
  $path = 'Registry::' + $key
  try {
    $item = Get-Item -LiteralPath $path
    $values = @{}
    if ($AffiantMode -eq 'FullLanguage') {
      foreach ($name in $item.GetValueNames()) {
        $kind = [string]$item.GetValueKind($name)
        $value = $item.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
        if ($kind -eq 'Binary' -or $value -is [byte[]]) { $value = [Convert]::ToBase64String([byte[]]$value) }
        if ($value -is [long]) { $value = [string]$value }
        if ($kind -eq 'MultiString') { $value = @($value) }
        $values[$name] = @{ kind = $kind; value = $value }
      }
    } else {
      # Constrained language may call no method: the kinds are told by the types of the values.
      $properties = Get-ItemProperty -LiteralPath $path
      foreach ($property in $properties.psobject.Properties) {
        if (@('PSPath', 'PSParentPath', 'PSChildName', 'PSDrive', 'PSProvider') -contains $property.Name) { continue }
        $value = $property.Value
        $kind = 'String'
        if ($value -is [int]) { $kind = 'DWord' }
        if ($value -is [long]) { $kind = 'QWord'; $value = [string]$value }
        if ($value -is [byte[]]) { $kind = 'Bytes'; $value = @($value) }
        if ($value -is [string[]]) { $kind = 'MultiString'; $value = @($value) }
        $values[$property.Name] = @{ kind = $kind; value = $value }
      }
    }
    $below = Read-Part { @(Get-ChildItem -LiteralPath $path -Name) }
    @{ key = $key; values = $values; keys = $below }
  } catch {
    @{ key = $key; error = (Get-QueryError $_) }
  }
}
@{ keys = @($answers) }
