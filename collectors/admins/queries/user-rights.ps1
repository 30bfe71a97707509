# User rights by SID, as the policy of this machine stands.
@{ Lines = @(Read-Export 'SecEdit.exe' @('/export', '/areas', 'USER_RIGHTS', '/cfg', '{0}', '/quiet') 'rights.inf') }
