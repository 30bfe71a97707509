# Versions of files, from the numbers in their resources.
param($Parameters)
@(foreach ($path in $Parameters.paths) {
    @{ path = $path; version = (Read-Part { Format-Version (Get-Item -LiteralPath $path).VersionInfo }) }
  })
