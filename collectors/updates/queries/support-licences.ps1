# Product keys of Windows that are installed: the id of Windows itself, and only rows with a key.
@(Get-CimInstance -ClassName SoftwareLicensingProduct -Namespace 'root/cimv2' -Filter "ApplicationID='55c92734-d682-4d71-983e-d6ec3f16059f' AND PartialProductKey IS NOT NULL" | ForEach-Object {
    @{ name = [string]$_.Name; description = [string]$_.Description; id = [string]$_.ID; status = $_.LicenseStatus }
  })
