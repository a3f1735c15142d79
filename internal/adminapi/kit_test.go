package adminapi_test

import (
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/adminapi"
	"rollcall/internal/apitest"
	"rollcall/internal/audit"
	"rollcall/internal/iam"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const (
	account = "111122223333"
	path    = "/v1/accounts/" + account + "/audit-records"
)

// kit is the API on a store of its own, where IAM has whom a test wants.
type kit struct {
	apitest.Client // signs with the root's key
	store          store.Store
	keys           *access.Keys
	clock          atomic.Int64 // milliseconds since 1970
}

func newKit(t *testing.T, reads bool) *kit {
	t.Helper()
	k := new(kit)
	k.clock.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMilli())
	opened, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), sqlstore.Options{Now: k.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	k.store = opened
	master := seal.NewKey()
	k.keys = access.NewKeys(k.store, master)
	log := audit.NewLog(audit.Config{
		Store: k.store, Reads: reads, Keep: 90 * 24 * time.Hour,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(log.Close)
	guard := access.NewGuard(k.store, k.keys, log)
	principals := iam.New(iam.Config{Store: k.store, Guard: guard, Keys: k.keys, Key: master, Now: k.now})
	api := adminapi.New(adminapi.Config{Guard: guard, IAM: principals, Keys: k.keys, Key: master, Now: k.now})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, info := request.New(r.Context())
		info.SourceIP = "192.0.2.7"
		api.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(srv.Close)
	k.Client = apitest.Client{URL: srv.URL, Service: "rollcall", Region: "us-east-1", Now: k.now}
	k.update(t, func(tx store.Tx) error {
		return tx.CreateAccount(store.Account{ID: account, Name: "rollcall", Region: "us-east-1", CreatedAt: tx.Now()})
	})
	k.Client = k.with(t, 0)
	return k
}

func (k *kit) now() time.Time { return time.UnixMilli(k.clock.Load()).UTC() }

func (k *kit) update(t *testing.T, fn func(store.Tx) error) {
	t.Helper()
	if err := k.store.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// with makes a key for a principal, or the root.
func (k *kit) with(t *testing.T, principal int64) apitest.Client {
	t.Helper()
	key := access.MakeKey()
	k.update(t, func(tx store.Tx) error { return k.keys.Create(tx, account, principal, key) })
	c := k.Client
	c.AccessKeyID, c.SecretAccessKey = key.ID, key.Secret
	return c
}

// user makes an IAM user with a policy.
func (k *kit) user(t *testing.T, name, policy string) apitest.Client {
	t.Helper()
	var made store.Principal
	k.update(t, func(tx store.Tx) (err error) {
		made, err = tx.CreatePrincipal(store.Principal{
			IAMIdentity: store.IAMIdentity{AccountID: account, Kind: store.IAMUser, Name: name, UniqueID: "AIDA" + name},
			Path:        "/",
			Inline:      []store.InlinePolicy{{Name: "own", Document: policy}},
			CreatedAt:   tx.Now(),
		})
		return err
	})
	return k.with(t, made.ID)
}

// call is a call that somebody made.
type call struct {
	at              time.Time
	caller, subject string
}

// record makes the record of a call. Those of one time keep their order.
func (k *kit) record(t *testing.T, calls ...call) (ids []string) {
	t.Helper()
	k.update(t, func(tx store.Tx) error {
		ids = nil
		for i, c := range calls {
			var id uuid.UUID
			binary.BigEndian.PutUint64(id[:], uint64(c.at.UnixMilli())<<16|0x7000|uint64(i))
			id[8] = 0x80
			ids = append(ids, id.String())
			err := tx.CreateAuditRecord(store.AuditRecord{
				ID: id, AccountID: account, Action: "quicksight:RegisterUser", Region: "us-east-1",
				Caller:  store.AuditCaller{Kind: store.IAMUser, Name: c.caller, ARN: "arn:aws:iam::" + account + ":user/" + c.caller},
				Subject: c.subject, SourceIP: "192.0.2.7", UserAgent: "test", RequestID: uuid.New(),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// event is a record as far as tests look at it.
type event map[string]any

// page reads a page of records.
func page(t *testing.T, c apitest.Client, query url.Values) (events []event, token string) {
	t.Helper()
	a := c.Call(t, http.MethodGet, path+"?"+query.Encode(), "")
	if a.Status != http.StatusOK {
		t.Fatalf("%v: %d %s", query, a.Status, a.Text)
	}
	for _, r := range a.JSON["Records"].([]any) {
		events = append(events, r.(map[string]any))
	}
	token, _ = a.JSON["NextToken"].(string)
	return events, token
}

// all reads all pages, and says how many there were.
func all(t *testing.T, c apitest.Client, query url.Values) (events []event, pages int) {
	t.Helper()
	if query == nil {
		query = url.Values{}
	}
	for {
		some, token := page(t, c, query)
		events, pages = append(events, some...), pages+1
		if token == "" {
			return events, pages
		}
		query.Set("next-token", token)
	}
}

func ids(events []event) (out []string) {
	for _, e := range events {
		out = append(out, e["eventID"].(string))
	}
	return out
}
