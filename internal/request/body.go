package request

import (
	"errors"
	"io"
	"net/http"
)

// MaxBody bounds a request's body, in bytes. The largest input of the model of
// QuickSight, a profile with all capabilities and 200 tags, is a tenth of it.
const MaxBody = 1 << 20

// Reasons why a body could not be read.
var (
	ErrTooLarge = errors.New("the body is larger than 1048576 bytes")
	ErrAborted  = errors.New("the body ended before it was complete")
)

// ErrCrossSite means that a browser sends the request for another site, which
// no API here is for, whatever the page there knows.
var ErrCrossSite = errors.New("cross-site requests are not allowed")

// CheckSite refuses requests with ErrCrossSite.
// https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
func CheckSite(r *http.Request) error {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return ErrCrossSite
	}
	return nil
}

// ReadBody reads the body to the end, which the signature covers.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > MaxBody {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, ErrTooLarge
	case err != nil:
		return nil, ErrAborted
	}
	return body, nil
}
