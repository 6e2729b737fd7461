package card

import "context"

// A Controller is a Connection through which the reader itself can be spoken to, past the card. Not
// every Connection is one, and most readers refuse: ask with a type assertion, and take every error of
// Features for a reader that has nothing to offer. When ctx ends, or the reader does not come back in time
// (ErrUnresponsive), a request is abandoned, not undone: the connection is of no further use then.
//
// Ask within a transaction: outside of one, another program's transaction makes it fail.
type Controller interface {
	// Features returns the driver's answer to GET_FEATURE_REQUEST, as it came: which further requests
	// the reader takes, by which control codes (PC/SC part 10 §2.2). The card hears nothing of it.
	Features(ctx context.Context) ([]byte, error)

	// Control sends the reader the request with that control code, one that Features gave, and returns
	// its answer. It may wait for a human. What an abandoned request asked for may still happen, and the
	// card's power is cut when it has.
	Control(ctx context.Context, code uint32, request []byte) ([]byte, error)
}
