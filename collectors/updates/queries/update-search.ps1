# What the Windows Update Agent would install, from its cache alone: nothing is asked of the network.
$session = New-Object -ComObject 'Microsoft.Update.Session'
$searcher = $session.CreateUpdateSearcher()
$searcher.Online = $false
$found = $searcher.Search("IsInstalled=0 and Type='Software'")
@{
  resultCode = $found.ResultCode
  updates = @(foreach ($update in $found.Updates) {
      $changed = $update.LastDeploymentChangeTime
      if ($changed -is [datetime]) { $changed = $changed.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
      @{
        updateId = [string]$update.Identity.UpdateID
        revision = $update.Identity.RevisionNumber
        title = [string]$update.Title
        kbs = @(foreach ($kb in $update.KBArticleIDs) { [string]$kb })
        severity = [string]$update.MsrcSeverity
        cves = @(foreach ($cve in $update.CveIDs) { [string]$cve })
        categories = @(foreach ($category in $update.Categories) { [string]$category.CategoryID })
        changed = [string]$changed
        rebootRequired = $update.RebootRequired
        downloaded = $update.IsDownloaded
        mandatory = $update.IsMandatory
        hidden = $update.IsHidden
      }
    })
}
