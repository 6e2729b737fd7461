// Command demo is a relying party: a small municipal site that lets a citizen log in with a My Number Card and file
// an application that the card has signed. It knows of Natsuin what any site would: the public package verify on
// its server and the page library natsuin.js in its pages.
//
//	go run ./demo --listen 127.0.0.1:8443
//
// It listens on loopback only, keeps everything in memory and forgets it when it ends. See README.md beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/natsuin/natsuin/verify"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the site until the context ends. It prints one line on stdout once browsers can connect.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "loopback `address` to listen on")
	origin := flags.String("origin", "", "the site's `origin` as browsers see it (default http://localhost:PORT)")
	trust := flags.String("trust", "", "`folder` with more trust anchors, such as a simulated card's CAs")
	library := flags.String("library", "build/natsuin.js", "the page library, a `file`")
	lab := flags.Bool("lab", false, "serve /lab, a page for developers and browser tests")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	script, err := os.ReadFile(*library)
	if err != nil {
		return fmt.Errorf("the page library is missing (make build makes it): %w", err)
	}
	listener, err := listenLoopback(*listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	local := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	if *origin == "" {
		*origin = local
	}
	if err := verify.ValidOrigin(*origin); err != nil {
		return fmt.Errorf("--origin: %w", err)
	}
	site, err := newSite(options{
		Origin: *origin, TrustDir: *trust, Library: script, Lab: *lab,
		Now: time.Now, Log: log.New(stderr, "demo: ", 0),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "listening on", local)
	return serve(ctx, listener, site.handler(), stderr)
}

// serve ends gracefully: requests under way are answered first.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, stderr io.Writer) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(stderr, "demo: ", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(last)
}

// listenLoopback refuses any address that other machines could reach.
func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--listen: %s is not a loopback address", address)
	}
	return net.Listen("tcp", address)
}
