# The output of one program of the list of commands, asked over SSH alone; who may change it was looked at before.
param($Parameters)
Read-Program $Parameters.path $Parameters.arguments $Parameters.most
