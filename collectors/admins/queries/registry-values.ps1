# Single values by name, of keys in which a secret may stand beside them: nothing else of the key is read.
param($Parameters)
@(foreach ($wanted in $Parameters.values) {
    $at = $wanted.LastIndexOf('\')
    $path = 'Registry::' + ($wanted.Substring(0, $at) -replace '^HKLM\\', 'HKEY_LOCAL_MACHINE\')
    $name = $wanted.Substring($at + 1)
    try {
      if (-not (Test-Path -LiteralPath $path)) { @{ there = $false }; continue }
      $property = Get-ItemProperty -LiteralPath $path -Name $name
      if ($null -eq $property -or $null -eq $property.psobject.Properties[$name]) { @{ there = $false } } else { @{ there = $true; value = $property.$name } }
    } catch {
      $problem = Get-QueryError $_
      # The key has no such value; Test-Path says the same of a key that may not be opened, which Get-Item then refuses.
      if ($problem.category -eq 'InvalidArgument' -or $problem.type -eq 'PSArgumentException') { @{ there = $false } } else { @{ error = $problem } }
    }
  })
