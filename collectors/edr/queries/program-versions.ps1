# The versions of the programs behind services.
param($Parameters)
@(foreach ($path in $Parameters.paths) {
    try {
      $item = Get-Item -LiteralPath $path
      @{ Path = [string]$path; FileVersion = (Format-Version $item.VersionInfo) }
    } catch {
      @{ Path = [string]$path; Error = (Get-QueryError $_) }
    }
  })
