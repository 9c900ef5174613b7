module go_child

go 1.19

require sb/client v0.0.0

replace sb/client => ../../rpc/clients/go
