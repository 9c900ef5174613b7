package sb

import "testing"

// counting answers as a server that has one count; of process 9 it has none.
func counting(request said, to *peer) {
	if request.Params["count"] == "c9" {
		data := map[string]any{"code": "count.not_found", "hint": nil}
		fault := map[string]any{"code": -32001, "message": "Cannot find the count", "data": data}
		to.send(map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": fault})
		return
	}
	switch {
	case request.Method != "count.add":
		to.result(request, map[string]any{"count": "c1", "pid": 42, "known": 1, "total": map[string]any{"up": 5}})
	case request.Params["pid"] == 9.0:
		to.result(request, map[string]any{"count": "c9", "pid": 9})
	default:
		to.result(request, map[string]any{"count": "c1", "pid": 42})
	}
}

func TestACountLivesUntilItIsClosed(t *testing.T) {
	server := serve(t, counting)
	ctx, client := dial(t, server)
	count, err := client.Count(ctx, 0)
	check(t, err)
	equal(t, count.ID(), "c1")
	equal(t, count.PID(), 42)
	reading, err := count.Read(ctx, CountQuery{After: 3, Limit: 10})
	check(t, err)
	equal(t, reading.Total.Up, int64(5))
	check(t, count.Close())
	gone, err := client.Count(ctx, 9)
	check(t, err)
	_, err = gone.Read(ctx, CountQuery{})
	hasCode(t, err, "count.not_found")
	check(t, gone.Close())

	server.mu.Lock()
	defer server.mu.Unlock()
	equal(t, server.requests[0].Params, map[string]any{})
	equal(t, server.requests[1].Params, map[string]any{"count": "c1", "after": 3.0, "limit": 10.0})
	equal(t, server.requests[2].Method, "count.remove")
	equal(t, server.requests[3].Params, map[string]any{"pid": 9.0})
}
