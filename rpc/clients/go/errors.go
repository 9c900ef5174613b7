package sb

import (
	"encoding/json"
	"fmt"
)

// Error is what sb refused, or what hindered talking to it.
type Error struct {
	// Code is the stable code, the same as on the command line:
	// "probe.symbol_not_found". Codes of the client itself are
	// "server.not_found", "server.untrusted", "server.gone" and "usage.…".
	Code string
	// Number is the JSON-RPC error number, -32001 for what was not found and
	// so on; 0 where no server said it.
	Number int
	// Message is one sentence: what could not be done, and what was seen.
	Message string
	// Hint says what to do about it; empty where nothing is known.
	Hint string
	// Data are the facts of the code, such as candidates or errno.
	Data map[string]any

	cause error
}

// Error gives the message, and the hint in a second line.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "\nhint: " + e.Hint
}

// Unwrap gives the error of the system behind it, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Is holds for an Error of the same code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// fault is the error object of an answer.
type fault struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
}

func (f *fault) error() *Error {
	made := &Error{Code: "internal", Number: f.Code, Message: f.Message, Data: map[string]any{}}
	for name, value := range f.Data {
		text, isText := value.(string)
		switch {
		case name == "code" && isText:
			made.Code = text
		case name == "hint":
			made.Hint = text
		default:
			made.Data[name] = value
		}
	}
	return made
}

// gone is the error of a connection that is lost.
func gone(cause error, format string, args ...any) *Error {
	return &Error{Code: "server.gone", Message: fmt.Sprintf(format, args...), cause: cause}
}

// closed is the error of a session that its own process closed.
func closed() *Error { return gone(nil, "The session was closed by its own process") }

// unreadable is the error of an answer that does not follow the protocol.
func unreadable(method string, cause error) *Error {
	return &Error{Code: "internal", Message: fmt.Sprintf("Cannot read the answer of %s: %v", method, cause), cause: cause}
}

// unmarshal reads a result into a value of the caller.
func unmarshal(method string, result json.RawMessage, into any) error {
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(result, into); err != nil {
		return unreadable(method, err)
	}
	return nil
}
