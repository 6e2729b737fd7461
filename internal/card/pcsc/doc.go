// Package pcsc reaches the machine's card readers through PC/SC: pcsclite on Linux, the operating
// system's own service on macOS and Windows. It is the only package that links C, and the only one
// that knows github.com/ebfe/scard.
//
// PC/SC calls block, some of them without any limit and deaf to cancelling. Five rules keep that
// away from everything above, and this program out of other programs' way:
//
//   - One goroutine per Service asks SCardGetStatusChange, in slices of half a second, and publishes
//     what it sees. List, Wait and Watch read only what is published.
//   - Every Connection has a context of its own, so that one which hangs hangs alone.
//   - Every call on a Connection has a budget. When it runs out the Connection is given up: the call
//     is left to itself, and whatever it still holds is released when it comes back.
//     So it is when the caller no longer waits for a human at the reader's PIN pad.
//   - With pcsclite, other programs find a card reset after PowerOff (SCARD_W_RESET_CARD), and not without
//     power; Close leaves it as it is.
//   - No command APDU is ever sent twice from here, and neither commands nor responses are printed.
package pcsc
