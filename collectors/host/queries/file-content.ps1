# The bytes of one file, up to a cap, asked over SSH alone.
param($Parameters)
$about = Get-FileAbout $Parameters.path
if ($about.kind -eq 'file') { $about.data = Read-FileBytes $Parameters.path $Parameters.most }
$about
