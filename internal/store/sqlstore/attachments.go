package sqlstore

import (
	"slices"
	"strings"

	"rollcall/internal/store"
)

// readAttachments asks once for the policies of a whole page, by the range of
// names that it covers.
func (t *tx) readAttachments(page []store.Principal) error {
	of := make(map[int64]*store.Principal, len(page))
	for i := range page {
		of[page[i].ID] = &page[i]
	}
	first, last := &page[0], &page[len(page)-1]
	return t.query(store.RecordPrincipal, `
		SELECT a.identity_id, a.boundary, a.policy_arn
		FROM iam_principals p JOIN iam_attachments a ON a.identity_id = p.identity_id
		WHERE p.account_id = $1 AND p.kind = $2 AND p.name_key >= $3 AND p.name_key <= $4
		ORDER BY p.name_key, a.boundary, a.policy_arn`,
		func(s *stmt) error {
			if p := of[s.ColumnInt64(0)]; p != nil { // else its path was not asked for
				addAttachment(p, s.ColumnBool(1), s.ColumnText(2))
			}
			return nil
		}, first.AccountID, string(first.Kind), nameKey(first.Name), nameKey(last.Name))
}

func addAttachment(p *store.Principal, boundary bool, arn string) {
	if boundary {
		p.Boundary = arn
		return
	}
	p.Attached = append(p.Attached, arn)
}

func (t *tx) PolicyUses(accountID, arn string) (uses []store.PolicyUse, err error) {
	err = t.query(store.RecordPrincipal, `
		SELECT i.id, i.account_id, i.kind, i.name, i.unique_id, a.boundary
		FROM iam_attachments a JOIN iam_identities i ON i.id = a.identity_id
		WHERE a.account_id = $1 AND a.policy_arn = $2
		ORDER BY i.kind, i.name, a.boundary`,
		func(s *stmt) error {
			uses = append(uses, store.PolicyUse{Identity: iamIdentity(s), Boundary: s.ColumnBool(5)})
			return nil
		}, accountID, arn)
	return uses, err
}

// attach adds a principal's managed policies.
func (t *tx) attach(p store.Principal) error {
	for _, arn := range p.Attached {
		if err := t.attachOne(p.ID, arn, false); err != nil {
			return err
		}
	}
	if p.Boundary == "" {
		return nil
	}
	return t.attachOne(p.ID, p.Boundary, true)
}

func (t *tx) attachOne(id int64, arn string, boundary bool) error {
	return t.writeOne(store.ErrNotFound, store.RecordPrincipal, `
		INSERT INTO iam_attachments (identity_id, boundary, policy_arn, account_id)
		SELECT identity_id, $1, $2, account_id FROM iam_principals WHERE identity_id = $3`, boundary, arn, id)
}

// inlineJSON is an inline policy as it is kept.
type inlineJSON struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

func inlineColumn(policies []store.InlinePolicy) any {
	kept := make([]inlineJSON, 0, len(policies))
	for _, p := range policies {
		kept = append(kept, inlineJSON(p))
	}
	slices.SortFunc(kept, func(a, b inlineJSON) int { return strings.Compare(a.Name, b.Name) })
	return list(kept)
}

func inlinePolicies(s *stmt, col int) (policies []store.InlinePolicy, err error) {
	kept, err := readList[inlineJSON](s, col)
	for _, p := range kept {
		policies = append(policies, store.InlinePolicy(p))
	}
	return policies, err
}
