module sb/client

go 1.19
