# The names in one folder, asked over SSH alone.
param($Parameters)
$about = Get-FileAbout $Parameters.path
if ($about.kind -eq 'directory') { $about.names = @(Get-FolderName $Parameters.path) }
$about
