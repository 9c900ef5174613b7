package sb

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// requestBytes is the longest line that a server takes.
	requestBytes = 1 << 20
	// answerBytes is the longest line that this client takes.
	answerBytes = 64 << 20
	// batchRequests is how many a batch may have.
	batchRequests = 1000
)

// request is a request object; without an ID it is a notification.
type request struct {
	Version string `json:"jsonrpc"`
	ID      *int64 `json:"id,omitempty"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

// message is whatever the server sends.
type message struct {
	ID     *json.Number    `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *fault          `json:"error"`
}

// exchange is one request on its way.
type exchange struct {
	method string
	params any
	// settle takes the result as soon as it is read, before the next line is,
	// with the conversation locked.
	settle      func(json.RawMessage) error
	isAbandoned bool

	id     int64
	done   chan struct{}
	result json.RawMessage
	err    error
}

// conversation is what is said on one connection: requests and their answers.
type conversation struct {
	connection *net.UnixConn
	outgoing   chan []byte
	lost       chan struct{}
	workers    sync.WaitGroup
	isClosing  atomic.Bool
	// notified gets each notification, locked.
	notified func(method string, params json.RawMessage)
	// takeBack gets the result of a method that nobody waits for any more,
	// locked.
	takeBack func(method string, result json.RawMessage)
	// ended is called once, locked, when the connection is lost.
	ended func()

	mu      sync.Mutex
	nextID  int64
	waiting map[int64]*exchange
	why     error
}

func newConversation(connection *net.UnixConn) *conversation {
	return &conversation{
		connection: connection,
		outgoing:   make(chan []byte),
		lost:       make(chan struct{}),
		waiting:    map[int64]*exchange{},
	}
}

// start reads and writes from now on.
func (c *conversation) start() {
	c.workers.Add(2)
	go c.write()
	go c.read()
}

// begin makes the line of exchanges, and waits for their answers from now on.
func (c *conversation) begin(exchanges []*exchange, isBatch bool) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return nil, c.why
	}
	if c.isClosing.Load() {
		return nil, closed()
	}
	requests := make([]request, len(exchanges))
	for index, each := range exchanges {
		requests[index] = request{Version: "2.0", Method: each.method, Params: each.params}
		each.done = make(chan struct{})
		c.nextID++
		each.id = c.nextID
		requests[index].ID = &each.id
	}
	var what any = requests
	if !isBatch {
		what = requests[0]
	}
	line, err := encode(what)
	if err != nil {
		return nil, err
	}
	for _, each := range exchanges {
		c.waiting[each.id] = each
	}
	return line, nil
}

// encode makes one line.
func encode(what any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line) // It ends the line.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(what); err != nil {
		return nil, &Error{Code: "usage.request", Message: fmt.Sprintf("Cannot send the request as JSON: %v", err), cause: err}
	}
	if line.Len() > requestBytes {
		return nil, &Error{
			Code:    "usage.request",
			Message: fmt.Sprintf("Cannot send a request of %d bytes: the limit is %d", line.Len(), requestBytes),
		}
	}
	return line.Bytes(), nil
}

// converse sends a line and waits for all that it asked.
func (c *conversation) converse(ctx context.Context, line []byte, exchanges []*exchange) error {
	select {
	case c.outgoing <- line:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, each := range exchanges {
			delete(c.waiting, each.id)
		}
		return fmt.Errorf("sending a request: %w", ctx.Err())
	case <-c.lost:
		return c.reason()
	}
	for _, each := range exchanges {
		select {
		case <-each.done:
		case <-ctx.Done():
			if c.abandon(exchanges) {
				return fmt.Errorf("waiting for the answer of %s: %w", each.method, ctx.Err())
			}
			return nil
		}
	}
	return nil
}

// abandon gives exchanges up. False when all were answered meanwhile.
func (c *conversation) abandon(exchanges []*exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	isAny := false
	for _, each := range exchanges {
		if c.waiting[each.id] == each {
			each.isAbandoned = true
			isAny = true
		}
	}
	return isAny
}

// notify sends a notification, at some time, without waiting.
func (c *conversation) notify(method string, params any) {
	line, err := encode(request{Version: "2.0", Method: method, Params: params})
	if err != nil {
		return
	}
	go func() {
		select {
		case c.outgoing <- line:
		case <-c.lost:
		}
	}()
}

// reason says why the connection is lost.
func (c *conversation) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// fail ends the conversation: every exchange ends.
func (c *conversation) fail(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return
	}
	c.why = why
	close(c.lost)
	c.connection.Close()
	for _, each := range c.waiting {
		each.err = why
		close(each.done)
	}
	c.waiting = map[int64]*exchange{}
	c.ended()
}

// close ends the session, and waits until the server has undone it: it hangs
// up when no further delay of the session can start.
func (c *conversation) close() {
	c.isClosing.Store(true)
	_ = c.connection.CloseWrite() // It fails where the connection is lost already.
	timeout := time.NewTimer(farewell)
	defer timeout.Stop()
	select {
	case <-c.lost:
	case <-timeout.C:
		c.fail(gone(nil, "The server did not say that the session is undone"))
	}
	c.workers.Wait()
}

func (c *conversation) write() {
	defer c.workers.Done()
	for {
		select {
		case line := <-c.outgoing:
			if _, err := c.connection.Write(line); err != nil {
				c.fail(gone(err, "Cannot send a request: %v", err))
				return
			}
		case <-c.lost:
			return
		}
	}
}

func (c *conversation) read() {
	defer c.workers.Done()
	lines := bufio.NewScanner(c.connection)
	lines.Buffer(make([]byte, 0, 64<<10), answerBytes)
	for lines.Scan() {
		if err := c.receive(lines.Bytes()); err != nil {
			c.fail(err)
			return
		}
	}
	if err := lines.Err(); err != nil {
		c.fail(gone(err, "Cannot read from the server: %v", err))
		return
	}
	if c.isClosing.Load() {
		c.fail(closed())
	} else {
		c.fail(gone(nil, "The server closed the connection"))
	}
}

// receive takes one line.
func (c *conversation) receive(line []byte) error {
	var messages []message
	var err error
	if bytes.HasPrefix(line, []byte("[")) {
		err = json.Unmarshal(line, &messages)
	} else {
		messages = make([]message, 1)
		err = json.Unmarshal(line, &messages[0])
	}
	if err != nil {
		return gone(err, "Cannot read the server's answer: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for index := range messages {
		if err := c.take(&messages[index]); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversation) take(said *message) error {
	if said.Method != "" {
		c.notified(said.Method, said.Params)
		return nil
	}
	if said.ID == nil && said.Error != nil {
		// The server could not tell whose request it was: some call would wait for ever.
		return gone(said.Error.error(), "%s", said.Error.Message)
	}
	var each *exchange
	if said.ID != nil {
		if id, err := said.ID.Int64(); err == nil {
			each = c.waiting[id]
		}
	}
	if each == nil {
		return gone(nil, "Cannot match an answer to a request")
	}
	delete(c.waiting, each.id)
	switch {
	case said.Error != nil:
		each.err = said.Error.error()
	case each.isAbandoned:
		c.takeBack(each.method, said.Result)
	case each.settle != nil:
		each.err = each.settle(said.Result)
	}
	each.result = said.Result
	close(each.done)
	return nil
}
