# The audit policy by the GUIDs of its subcategories. Of what auditpol can print only the backup has numbers.
@{ Lines = @(Read-Export 'auditpol.exe' @('/backup', '/file:{0}') 'audit.csv') }
