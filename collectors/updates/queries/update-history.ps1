# What the Windows Update Agent remembers, newest first. Its dates are UTC and do not say so.
$session = New-Object -ComObject 'Microsoft.Update.Session'
$searcher = $session.CreateUpdateSearcher()
$total = $searcher.GetTotalHistoryCount()
$count = $total
if ($count -gt 500) { $count = 500 }
$entries = @()
if ($count -gt 0) { $entries = $searcher.QueryHistory(0, $count) }
@{
  total = $total
  entries = @(foreach ($entry in $entries) {
      @{
        date = $entry.Date.ToString('yyyy-MM-ddTHH:mm:ss', [cultureinfo]::InvariantCulture) + 'Z'
        operation = $entry.Operation
        result = $entry.ResultCode
        hresult = $entry.HResult
        updateId = [string]$entry.UpdateIdentity.UpdateID
        revision = $entry.UpdateIdentity.RevisionNumber
        title = [string]$entry.Title
        selection = $entry.ServerSelection
        client = [string]$entry.ClientApplicationID
      }
    })
}
