# Accounts of this machine. Win32_UserAccount is asked for local ones alone: without that it lists the domain.
try {
  $accounts = @(Get-LocalUser | ForEach-Object {
      @{ Name = [string]$_.Name; SID = [string]$_.SID; Enabled = $_.Enabled; PasswordRequired = $_.PasswordRequired; PasswordLastSet = (Format-Instant $_.PasswordLastSet); PasswordExpires = (Format-Instant $_.PasswordExpires); LastLogon = (Format-Instant $_.LastLogon); AccountExpires = (Format-Instant $_.AccountExpires) }
    })
  @{ Source = 'Get-LocalUser'; Accounts = $accounts }
} catch {
  $accounts = @(Get-CimInstance -Namespace 'root/cimv2' -ClassName Win32_UserAccount -Filter 'LocalAccount=True' | ForEach-Object {
      @{ Name = [string]$_.Name; SID = [string]$_.SID; Disabled = $_.Disabled; Lockout = $_.Lockout; PasswordRequired = $_.PasswordRequired; PasswordExpires = $_.PasswordExpires }
    })
  @{ Source = 'Win32_UserAccount'; Accounts = $accounts }
}
