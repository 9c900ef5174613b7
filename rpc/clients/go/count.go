package sb

import "context"

// Count is a live count of what a process tree makes the kernel do.
type Count struct {
	client *Client
	row    Counting
}

// CountQuery says which processes of the tree are read.
type CountQuery struct {
	// After is the row of the last process that was read before; 0 begins.
	After int64
	// Limit is 1 to 10000 processes; 0 is 1000.
	Limit int
}

// Count counts the kernel operations of a process and its descendants from now
// on; 0 is this process. It needs the module tracer where the server runs.
func (c *Client) Count(ctx context.Context, pid int) (*Count, error) {
	params := struct {
		PID int `json:"pid,omitempty"`
	}{pid}
	var row Counting
	if err := c.Call(ctx, "count.add", params, &row); err != nil {
		return nil, err
	}
	return &Count{client: c, row: row}, nil
}

// countParams name one count.
type countParams struct {
	Count string `json:"count"`
}

// ID is "c1", "c2" and so on: unique in the server.
func (c *Count) ID() string { return c.row.Count }

// PID is the root of the tree, as the server sees it.
func (c *Count) PID() int { return int(c.row.Pid) }

// Read gives what was counted so far.
func (c *Count) Read(ctx context.Context, query CountQuery) (CountReading, error) {
	params := struct {
		countParams
		After int64 `json:"after,omitempty"`
		Limit int   `json:"limit,omitempty"`
	}{countParams{c.row.Count}, query.After, query.Limit}
	var reading CountReading
	err := c.client.Call(ctx, "count.read", params, &reading)
	return reading, err
}

// Remove ends the count and gives its last figures.
func (c *Count) Remove(ctx context.Context) (CountReading, error) {
	var reading CountReading
	err := c.client.Call(ctx, "count.remove", countParams{c.row.Count}, &reading)
	return reading, err
}

// Close ends the count. It waits some seconds at the most, and does nothing
// when the count was removed or detached before.
func (c *Count) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_, err := c.Remove(ctx)
	if isCode(err, "count.not_found") {
		return nil
	}
	return err
}
