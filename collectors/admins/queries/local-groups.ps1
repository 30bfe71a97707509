# Members of local groups, one by one: a member that cannot be read costs itself alone. Groups are asked for by SID;
# the name that this Windows gives each is only used to open it.
param($Parameters)
@(foreach ($sid in $Parameters.sids) {
    $name = $null
    try {
      $name = ([string](Get-AccountName $sid) -split '\\')[-1]
    } catch {
      $problem = Get-QueryError $_
      # This Windows has no such group.
      if ($problem.id -like 'IdentityNotMappedException*') { @{ Sid = $sid; Found = $false } } else { @{ Sid = $sid; Found = $false; Error = $problem } }
      continue
    }
    try {
      $members = @(foreach ($member in @(Get-LocalMember $name)) { $member })
      @{ Sid = $sid; Found = $true; Name = $name; Members = $members }
    } catch {
      @{ Sid = $sid; Found = $true; Name = $name; Members = @(); Error = (Get-QueryError $_) }
    }
  })
