package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"
)

// plainRequest is a request to sign with the signer of the AWS SDK.
type plainRequest struct {
	method    string
	host      string // default quicksight.us-east-1.amazonaws.com
	rawPath   string // percent-encoded
	opaque    bool   // send it in absolute form
	rawQuery  string
	headers   map[string]string
	repeated  []string // values of X-Repeated
	body      []byte
	token     string
	presigned bool
}

var exampleServices = []string{"sts", "quicksight"}

// sign gives the request as it is on the wire, signed at exampleTime.
func (p *plainRequest) sign() ([]byte, error) {
	r, err := p.request()
	if err != nil {
		return nil, err
	}
	var (
		ctx    = context.Background()
		key    = aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret, SessionToken: p.token}
		sum    = sha256.Sum256(p.body)
		hash   = hex.EncodeToString(sum[:])
		signer = v4.NewSigner()
	)
	if p.presigned {
		uri, headers, err := signer.PresignHTTP(ctx, key, r, hash, "quicksight", "eu-west-1", exampleTime)
		if err != nil {
			return nil, err
		}
		if r, err = http.NewRequest(p.method, uri, bytes.NewReader(p.body)); err != nil {
			return nil, err
		}
		r.Header = headers
		r.Host = headers.Get("Host")
	} else if err := signer.SignHTTP(ctx, key, r, hash, "quicksight", "eu-west-1", exampleTime); err != nil {
		return nil, err
	}
	var wire bytes.Buffer
	err = r.Write(&wire)
	return wire.Bytes(), err
}

// request is what an SDK builds: the path is in RawPath or in Opaque, so that
// net/http leaves its encoding alone.
func (p *plainRequest) request() (*http.Request, error) {
	path, err := url.PathUnescape(p.rawPath)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(p.method, "https://quicksight.us-east-1.amazonaws.com", bytes.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	if p.host != "" {
		r.URL.Host, r.Host = p.host, p.host
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = path, p.rawPath, p.rawQuery
	if p.opaque {
		r.URL.Opaque = "//" + r.URL.Host + p.rawPath
	}
	for name, value := range p.headers {
		r.Header.Set(name, value)
	}
	for _, value := range p.repeated {
		r.Header.Add("X-Repeated", value)
	}
	return r, nil
}

// verifyWire reads the request as the server does and verifies it. A request
// that net/http refuses is an error too.
func verifyWire(wire []byte, now time.Time, token string) error {
	r, body, err := receive(wire)
	if err != nil {
		return err
	}
	_, err = Verify(r, body, now, exampleServices, func(id, stated string) (*Secret, error) {
		if id != exampleKey || stated != token {
			return nil, ErrUnknownKey
		}
		return NewSecret(exampleSecret), nil
	})
	return err
}

var (
	labels  = rapid.OneOf(rapid.StringN(0, 12, 40), rapid.StringMatching(`[a-z/%+ ~.:@=-]{0,8}`))
	texts   = rapid.OneOf(rapid.StringN(0, 8, 24), rapid.StringMatching(`[ab+/ =&;%.-]{0,5}`))
	values  = rapid.StringMatching(`[ -~\t]{0,20}`)
	tokens  = rapid.StringMatching(`([A-Za-z0-9+/]{20,60}==)?`)
	bodies  = rapid.SliceOfN(rapid.Byte(), 0, 40)
	methods = rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
	hosts   = rapid.SampledFrom([]string{"", "localhost:8080", "example.com", "[::1]:8443"})
	names   = rapid.StringMatching(`X-[A-Z][a-z0-9]{1,5}(-[A-Z][a-z]{1,3})?|Content-Type`)
)

func drawPath(t *rapid.T) string {
	var path strings.Builder
	for _, label := range rapid.SliceOfN(labels, 1, 5).Draw(t, "labels") {
		path.WriteByte('/')
		path.WriteString(encoded(label))
	}
	return path.String()
}

func drawQuery(t *rapid.T) string {
	query := url.Values{}
	for _, name := range rapid.SliceOfN(texts, 0, 4).Draw(t, "query names") {
		query.Add(name, texts.Draw(t, "query value"))
	}
	return query.Encode()
}

func drawRequest(t *rapid.T) *plainRequest {
	p := &plainRequest{
		method:    methods.Draw(t, "method"),
		host:      hosts.Draw(t, "host"),
		rawPath:   drawPath(t),
		opaque:    rapid.Bool().Draw(t, "opaque"),
		rawQuery:  drawQuery(t),
		headers:   rapid.MapOfN(names, values, 0, 4).Draw(t, "headers"),
		repeated:  rapid.SliceOfN(values, 0, 3).Draw(t, "repeated"),
		body:      bodies.Draw(t, "body"),
		token:     tokens.Draw(t, "token"),
		presigned: rapid.Bool().Draw(t, "presigned"),
	}
	if rapid.Bool().Draw(t, "content hash") {
		hash := hexSHA256(p.body)
		p.headers[contentHashHeader] = string(hash[:])
	}
	return p
}

func mustSign(t *rapid.T, p *plainRequest) []byte {
	t.Helper()
	wire, err := p.sign()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func TestSDKRequestsVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawRequest(t)
		wire := mustSign(t, p)
		age := time.Duration(rapid.IntRange(-15*60, 15*60).Draw(t, "age")) * time.Second
		if err := verifyWire(wire, exampleTime.Add(age), p.token); err != nil {
			t.Fatalf("%v\n%q", err, wire)
		}
	})
}

func TestReplayFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawRequest(t)
		p.opaque = false
		wire := mustSign(t, p)
		other := rapid.Custom(drawPath).Filter(func(s string) bool { return s != p.rawPath }).Draw(t, "other path")
		replayed := bytes.Replace(wire, []byte(" "+p.rawPath), []byte(" "+other), 1)
		if err := verifyWire(replayed, exampleTime, p.token); err == nil {
			t.Fatalf("accepted\n%q\nfrom\n%q", replayed, wire)
		}
	})
}

func TestLaterFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawRequest(t)
		if err := verifyWire(mustSign(t, p), exampleTime.Add(maxSkew+time.Second), p.token); err == nil {
			t.Fatal("accepted")
		}
	})
}

// TestAlteredByteFails alters one byte of what a signature covers: method,
// path, query, signed headers, Authorization, body.
func TestAlteredByteFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawRequest(t)
		wire := mustSign(t, p)
		at := rapid.SampledFrom(covered(wire)).Draw(t, "at")
		altered := slices.Clone(wire)
		altered[at] = rapid.Byte().Draw(t, "byte")
		if sameMeaning(wire, altered) {
			t.Skip("the same request")
		}
		if err := verifyWire(altered, exampleTime, p.token); err == nil {
			t.Fatalf("accepted\n%q\nfrom\n%q", altered, wire)
		}
	})
}

// covered gives the offsets of the bytes that may not change: not the scheme
// and host of an absolute target, not the Host header beside one, not the
// User-Agent, which is not signed, not the names of headers.
func covered(wire []byte) (offsets []int) {
	head := bytes.Index(wire, []byte("\r\n\r\n"))
	line := bytes.Index(wire, []byte("\r\n"))
	method := bytes.IndexByte(wire, ' ')
	target := method + 1
	absolute := wire[target] != '/'
	if absolute {
		target += len("https://")
		target += bytes.IndexByte(wire[target:], '/')
	}
	span := func(start, end int) {
		for ; start < end; start++ {
			offsets = append(offsets, start)
		}
	}
	span(0, method)
	span(target, line-len(" HTTP/1.1"))
	for at := line + 2; at < head; {
		end := at + bytes.Index(wire[at:], []byte("\r\n"))
		name, _, _ := strings.Cut(string(wire[at:end]), ":")
		if name != "User-Agent" && (name != "Host" || !absolute) && (name != "Content-Length" || wire[end-1] != '0') {
			span(at+len(name)+2, end)
		}
		at = end + 2
	}
	span(head+4, len(wire))
	return offsets
}

// sameMeaning tells whether two requests differ at most in what the canonical
// form leaves open: how the query is encoded, and the number of spaces.
func sameMeaning(x, y []byte) bool {
	rx, bx, errX := receive(x)
	ry, by, errY := receive(y)
	if errX != nil || errY != nil {
		return false
	}
	headers := func(r *http.Request) string {
		return strings.Join(strings.Fields(strings.Join(headerLines(r.Header), "\n")), " ")
	}
	return rx.Method == ry.Method && rx.Host == ry.Host && WirePath(rx) == WirePath(ry) && bytes.Equal(bx, by) &&
		headers(rx) == headers(ry) && sortedQuery(rx) == sortedQuery(ry)
}

func headerLines(h http.Header) (lines []string) {
	for name, values := range h {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return lines
}

func sortedQuery(r *http.Request) string {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return r.URL.RawQuery
	}
	for _, values := range query {
		slices.Sort(values)
	}
	return query.Encode()
}
