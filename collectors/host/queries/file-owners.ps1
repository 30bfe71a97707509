# Owner and access rules of files and folders, as SDDL: SIDs and rights, in no language.
param($Parameters)
@(foreach ($path in $Parameters.paths) {
    try {
      $acl = Get-Acl -LiteralPath $path
      @{ path = $path; sddl = [string]$acl.Sddl }
    } catch {
      @{ path = $path; error = (Get-QueryError $_) }
    }
  })
