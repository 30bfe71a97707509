# Credential providers and their filters, with the library behind each and who signed it.
function Read-Provider {
  param($Root)
  foreach ($id in @(Get-ChildItem -LiteralPath ('Registry::' + $Root) -Name)) {
    $entry = Get-ItemProperty -LiteralPath ('Registry::' + $Root + '\' + $id)
    $library = $null
    $signer = $null
    $class = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Classes\CLSID\' + $id + '\InprocServer32'
    if (Test-Path -LiteralPath $class) { $library = [string](Get-ItemProperty -LiteralPath $class).'(default)' }
    if ($library) {
      try {
        $file = $library
        if ($file -notlike '*\*') { $file = $env:SystemRoot + '\System32\' + $file }
        $signature = Get-AuthenticodeSignature -LiteralPath $file
        if ([string]$signature.Status -eq 'Valid') { $signer = [string]$signature.SignerCertificate.Subject }
      } catch { $signer = $null }
    }
    @{ id = [string]$id; name = [string]$entry.'(default)'; disabled = $entry.Disabled; library = $library; signer = $signer }
  }
}
$root = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\'
@{ providers = @(Read-Provider ($root + 'Credential Providers')); filters = @(Read-Provider ($root + 'Credential Provider Filters')) }
