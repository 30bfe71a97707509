# What a file or folder is, asked over SSH alone.
param($Parameters)
Get-FileAbout $Parameters.path
