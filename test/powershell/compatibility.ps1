# Looks at each script as PowerShell parses it: prints one JSON list of what Windows PowerShell 5.1 would
# not understand, and of what no query of ours may do. Arguments: the scripts.
$found = @()
$verbs = @('Get', 'Test', 'Where', 'ForEach', 'Select', 'Sort', 'Measure', 'ConvertTo', 'ConvertFrom', 'Format', 'Read', 'Resolve', 'Join', 'Split', 'Compare', 'Group')
$allowed = @('New-Object', 'Write-Output', 'Invoke-AffiantQuery', 'Send-Answer', 'Import-Module', 'Add-PSSnapin', 'Set-ADServerSettings', 'Start-Sleep')
foreach ($file in $args) {
  $tokens = $null
  $errors = $null
  $tree = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref]$tokens, [ref]$errors)
  foreach ($each in $errors) { $found += "${file}:$($each.Extent.StartLineNumber): $($each.Message)" }
  foreach ($node in $tree.FindAll({ $true }, $true)) {
    $where = "${file}:$($node.Extent.StartLineNumber)"
    $kind = $node.GetType().Name
    if ($kind -eq 'TernaryExpressionAst') { $found += "${where}: a ternary needs PowerShell 7" }
    if ($kind -eq 'PipelineChainAst') { $found += "${where}: && and || need PowerShell 7" }
    if ($kind -eq 'BinaryExpressionAst' -and [string]$node.Operator -match 'QuestionQuestion') { $found += "${where}: ?? needs PowerShell 7" }
    if ($kind -eq 'AssignmentStatementAst' -and [string]$node.Operator -match 'QuestionQuestion') { $found += "${where}: ??= needs PowerShell 7" }
    if ($node.PSObject.Properties['NullConditional'] -and $node.NullConditional) { $found += "${where}: ?. needs PowerShell 7" }
    if ($kind -eq 'PipelineAst' -and $node.PSObject.Properties['Background'] -and $node.Background) { $found += "${where}: & at the end needs PowerShell 6" }
    if ($kind -eq 'StringConstantExpressionAst' -and [string]$node.StringConstantType -match 'HereString') { $found += "${where}: a here-string may hold blank lines, which end a block on standard input" }
    if ($kind -eq 'ExpandableStringExpressionAst' -and [string]$node.StringConstantType -match 'HereString') { $found += "${where}: a here-string may hold blank lines, which end a block on standard input" }
    if ($kind -eq 'TypeDefinitionAst' -or $kind -eq 'UsingStatementAst') { $found += "${where}: no classes and no using: they do not work on standard input" }
    if ($kind -eq 'ErrorStatementAst' -or $kind -eq 'ErrorExpressionAst') { $found += "${where}: cannot be parsed" }
    if ($kind -eq 'CommandAst') {
      $name = $node.GetCommandName()
      if ($name -in @('Invoke-Expression', 'iex', 'Add-Type', 'Start-Process', 'Invoke-Command', 'Enter-PSSession')) { $found += "${where}: $name runs text or programs" }
      elseif ($name -match '^([A-Za-z]+)-' -and $verbs -notcontains $Matches[1] -and $allowed -notcontains $name) { $found += "${where}: $name is no verb that only reads" }
      elseif ($name -in @('%', '?', 'gwmi', 'gci', 'gp', 'ls', 'dir', 'cat', 'select', 'where', 'foreach', 'sort', 'echo')) { $found += "${where}: the alias $name can be redefined" }
      elseif ($name -eq 'Get-WmiObject') { $found += "${where}: Get-WmiObject is gone from PowerShell 7; Get-CimInstance does the same" }
      foreach ($element in $node.CommandElements) {
        if ($element.GetType().Name -eq 'CommandParameterAst' -and $element.ParameterName -in @('AsHashtable', 'NoEnumerate', 'Parallel', 'AsArray', 'EnumsAsStrings', 'EscapeHandling') -and $name -in @('ConvertFrom-Json', 'ConvertTo-Json', 'ForEach-Object', 'Write-Output')) { $found += "${where}: -$($element.ParameterName) needs PowerShell 6 or 7" }
      }
    }
    if ($kind -eq 'TypeExpressionAst' -and $node.TypeName.FullName -eq 'semver') { $found += "${where}: [semver] needs PowerShell 6" }
  }
}
'FINDINGS ' + (ConvertTo-Json -InputObject @($found) -Compress)
