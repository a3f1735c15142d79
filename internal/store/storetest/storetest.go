// Package storetest is the suite that every implementation of store.Store
// passes. Its subtests are named by what a store guarantees.
package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"rollcall/internal/store"
)

// Open opens an empty store whose clock is now. The suite closes it.
type Open func(t *testing.T, now func() time.Time) store.Store

// Run runs the suite, each subtest on a store of its own.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*fixture){
		"NowIsFixedAndInMilliseconds":           nowIsFixedAndInMilliseconds,
		"SettingsAreWrittenOnceOrPut":           settingsAreWrittenOnce,
		"AccountsReadBackAsWritten":             accountsReadBackAsWritten,
		"KeysKeepTheirPrincipal":                keysKeepTheirPrincipal,
		"KeysReadBackAsWritten":                 keysReadBackAsWritten,
		"KeysComeInOrderOfMaking":               keysComeInOrderOfMaking,
		"KeysAreTurnedOffAndDeleted":            keysAreTurnedOffAndDeleted,
		"AccountIsReplacedInPart":               accountIsReplacedInPart,
		"AccountsCountTheirUsers":               accountsCountTheirUsers,
		"NamesOfNamespacesAreUniqueInAccount":   namesOfNamespacesAreUniqueInAccount,
		"UsersReadBackAsWritten":                usersReadBackAsWritten,
		"NamesOfUsersCompareByBytes":            namesOfUsersCompareByBytes,
		"SecondOfANameExists":                   secondOfANameExists,
		"SecondOfAPrincipalExists":              secondOfAPrincipalExists,
		"MissingUserAndNamespaceAreToldApart":   missingUserAndNamespaceAreToldApart,
		"UpdateReplacesWhatMayChange":           updateReplacesWhatMayChange,
		"DeletedUserTakesInvitationAndPassword": deletedUserTakesInvitationAndPassword,
		"PagesComeInOrderOfIDAndMissNobody":     pagesComeInOrderOfIDAndMissNobody,
		"UsersAreFoundByIDWithAllTheyBelongTo":  usersAreFoundByIDWithAllTheyBelongTo,
		"UsersAreFoundByTheirLogins":            usersAreFoundByTheirLogins,
		"UsersAreFoundByEmailInAnyCase":         usersAreFoundByEmailInAnyCase,
		"OrphansAreFoundButByName":              orphansAreFoundButByName,
		"FoundUsersAreTheNewestThatFit":         foundUsersAreTheNewestThatFit,
		"SearchPagesMissNobodyWhoFits":          searchPagesMissNobodyWhoFits,
		"PrefixIsOfNameOrEmail":                 prefixIsOfNameOrEmail,
		"StatesPartUsers":                       statesPartUsers,
		"DisabledUserIsReadBack":                disabledUserIsReadBack,
		"LimitOfUsersIsExact":                   limitOfUsersIsExact,
		"OneOfManyWinsAName":                    oneOfManyWinsAName,
		"ProfilesReadBackAsWritten":             profilesReadBackAsWritten,
		"ProfileInUseIsKept":                    profileInUseIsKept,
		"ProfilePagesComeInOrderOfMaking":       profilePagesComeInOrderOfMaking,
		"IAMIdentityIsMadeOnce":                 iamIdentityIsMadeOnce,
		"PrincipalsReadBackAsWritten":           principalsReadBackAsWritten,
		"PrincipalIsReplacedButForWhoItIs":      principalIsReplacedButForWhoItIs,
		"NamesOfPrincipalsDifferByMoreThanCase": namesOfPrincipalsDifferByMoreThanCase,
		"NamesOfPrincipalsCompareByBytes":       namesOfPrincipalsCompareByBytes,
		"PrincipalTakesNoNameOfAnother":         principalTakesNoNameOfAnother,
		"PagesOfPrincipalsComeInOrderOfNames":   pagesOfPrincipalsComeInOrderOfNames,
		"PagesOfPrincipalsAreOfAPath":           pagesOfPrincipalsAreOfAPath,
		"PolicyUsesAreFound":                    policyUsesAreFound,
		"AdoptsTheIdentityThatWasThereBefore":   adoptsTheIdentityThatWasThereBefore,
		"DeletedPrincipalIsGone":                deletedPrincipalIsGone,
		"DeletedPrincipalOrphansItsUsers":       deletedPrincipalOrphansItsUsers,
		"OrphanHasNoNameButAPrincipal":          orphanHasNoNameButAPrincipal,
		"NameOfAnOrphanIsFree":                  nameOfAnOrphanIsFree,
		"NameOfAnOrphanIsNoRoom":                nameOfAnOrphanIsNoRoom,
		"PrincipalOfAnOrphanIsTaken":            principalOfAnOrphanIsTaken,
		"ManagedPoliciesReadBackAsWritten":      managedPoliciesReadBackAsWritten,
		"ManagedPolicyIsReplacedInPart":         managedPolicyIsReplacedInPart,
		"NamesOfPoliciesDifferByMoreThanCase":   namesOfPoliciesDifferByMoreThanCase,
		"PagesOfPoliciesComeInOrderOfNames":     pagesOfPoliciesComeInOrderOfNames,
		"ProvidersReadBackAsWritten":            providersReadBackAsWritten,
		"ProviderIsReplacedButForItsTime":       providerIsReplacedButForItsTime,
		"ProvidersOfAnAccountDifferInURL":       providersOfAnAccountDifferInURL,
		"ProvidersComeInOrderOfURLs":            providersComeInOrderOfURLs,
		"EpochChangesWithWhatCallersMayDo":      epochChangesWithWhatCallersMayDo,
		"EpochStaysOverAllElse":                 epochStaysOverAllElse,
		"EpochOfAViewIsThatOfItsSnapshot":       epochOfAViewIsThatOfItsSnapshot,
		"EpochOfAChangeIsNoneUntilItIsKept":     epochOfAChangeIsNoneUntilItIsKept,
		"EpochTellsStatesApart":                 epochTellsStatesApart,
		"AuditRecordsReadBackInOrder":           auditRecordsReadBackInOrder,
		"AuditIsFoundByTimeAndName":             auditIsFoundByTimeAndName,
		"AuditIsReadBackwards":                  auditIsReadBackwards,
		"AuditPagesMissNothing":                 auditPagesMissNothing,
		"AuditPagesOfLargeRecordsAreShort":      auditPagesOfLargeRecordsAreShort,
		"OldAuditRecordsArePruned":              oldAuditRecordsArePruned,
		"LeaseHasOneOwner":                      leaseHasOneOwner,
		"InvitationIsUsedOnce":                  invitationIsUsedOnce,
		"InvitationIsReplaced":                  invitationIsReplaced,
		"LastActivityIsNoted":                   lastActivityIsNoted,
		"SignInsReadBackAsWritten":              signInsReadBackAsWritten,
		"SignInEndsOnce":                        signInEndsOnce,
		"OldestSignInsMakeRoom":                 oldestSignInsMakeRoom,
		"SigninTokensAreGivenAsWritten":         signinTokensAreGivenAsWritten,
		"SigninTokenIsUsedOnce":                 signinTokenIsUsedOnce,
		"ExpiredSigninTokensArePruned":          expiredSigninTokensArePruned,
		"ResetsReadBackAsWritten":               resetsReadBackAsWritten,
		"ResetIsUsedOnce":                       resetIsUsedOnce,
		"ResetGoesWithItsUser":                  resetGoesWithItsUser,
		"MailsReadBackAsWritten":                mailsReadBackAsWritten,
		"MailTakesThePlaceOfItsKind":            mailTakesThePlaceOfItsKind,
		"MailIsOfAUserAndHasItsOwnID":           mailIsOfAUserAndHasItsOwnID,
		"MailIsReplacedInPart":                  mailIsReplacedInPart,
		"MailIsTakenBack":                       mailIsTakenBack,
		"MailsGoWithTheirUser":                  mailsGoWithTheirUser,
		"DueMailsComeInOrderOfTheirTime":        dueMailsComeInOrderOfTheirTime,
		"SessionsReadBackWithTheirUser":         sessionsReadBackWithTheirUser,
		"SessionIsOfAUserAndHasItsOwnHash":      sessionIsOfAUserAndHasItsOwnHash,
		"SessionIsTouchedAndDeleted":            sessionIsTouchedAndDeleted,
		"TouchedSessionIsItsUsersActivity":      touchedSessionIsItsUsersActivity,
		"SessionsEndWithTheirUser":              sessionsEndWithTheirUser,
		"OrphansHaveNoSessions":                 orphansHaveNoSessions,
		"SessionsOfAUserEndButOne":              sessionsOfAUserEndButOne,
		"OthersSessionsStayWhenAUsersEnd":       othersSessionsStayWhenAUsersEnd,
		"OldSessionsArePruned":                  oldSessionsArePruned,
		"FailedUpdateLeavesNothing":             failedUpdateLeavesNothing,
		"PanicLeavesNothingAndHurtsNobody":      panicLeavesNothingAndHurtsNobody,
		"FailedWriteSpoilsTheRest":              failedWriteSpoilsTheRest,
		"UpdateReadsItsOwnWrites":               updateReadsItsOwnWrites,
		"ViewIsASnapshot":                       viewIsASnapshot,
		"EndedContextChangesNothing":            endedContextChangesNothing,
		"ClosedStoreIsUnavailable":              closedStoreIsUnavailable,
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{T: t, clock: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))}
			f.Store = open(t, func() time.Time { return f.clock })
			t.Cleanup(func() {
				if err := f.Store.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			f.setUp()
			test(f)
		})
	}
}

// fixture is a store with an account and its namespace.
type fixture struct {
	*testing.T
	store.Store
	clock     time.Time
	namespace store.Namespace
}

const accountID = "111122223333"

func (f *fixture) setUp() {
	f.update(func(tx store.Tx) (err error) {
		err = tx.CreateAccount(store.Account{ID: accountID, Name: "acme", Region: "us-east-1", CreatedAt: tx.Now()})
		if err == nil {
			f.namespace, err = tx.CreateNamespace(store.Namespace{AccountID: accountID, Name: "default", DirectoryID: "d-0123456789", CreatedAt: tx.Now()})
		}
		return err
	})
}

// update runs an update that must succeed.
func (f *fixture) update(fn func(store.Tx) error) {
	f.Helper()
	if err := f.Update(f.Context(), fn); err != nil {
		f.Fatalf("Update: %v", err)
	}
}

// view runs a view that must succeed.
func (f *fixture) view(fn func(store.Reader) error) {
	f.Helper()
	if err := f.View(f.Context(), fn); err != nil {
		f.Fatalf("View: %v", err)
	}
}

// refused runs an update that must fail with a kind of error.
func (f *fixture) refused(kind error, fn func(store.Tx) error) {
	f.Helper()
	if err := f.Update(f.Context(), fn); !errors.Is(err, kind) {
		f.Fatalf("Update: %v, want %v", err, kind)
	}
}

// accept runs updates that must succeed, each by itself.
func (f *fixture) accept(fns ...func(store.Tx) error) {
	f.Helper()
	for _, fn := range fns {
		f.update(fn)
	}
}

// now is the time of the transactions.
func (f *fixture) now() time.Time { return f.clock.UTC().Truncate(time.Millisecond) }

// missing fails unless fn ends in the lack of a record of that kind.
func (f *fixture) missing(record store.Record, fn func(store.Reader) error) {
	f.Helper()
	if err := f.View(f.Context(), fn); !store.Missing(err, record) {
		f.Errorf("%v, want %s not found", err, record)
	}
}

// refusedFor runs an update that must fail with a kind of error that names a
// kind of record.
func (f *fixture) refusedFor(kind error, record store.Record, fn func(store.Tx) error) {
	f.Helper()
	var e *store.Error
	err := f.Update(f.Context(), fn)
	if !errors.As(err, &e) || e.Kind != kind || e.Record != record {
		f.Fatalf("Update: %v, want %s %v", err, record, kind)
	}
}

func (f *fixture) newUser(name string) store.User {
	return store.User{
		NamespaceID: f.namespace.ID,
		ID:          uuid.Must(uuid.NewV7()),
		Name:        name,
		Email:       name + "@example.com",
		Role:        "READER",
		Identity:    "QUICKSIGHT",
		Principal:   uuid.NewString(),
		CreatedAt:   f.clock.UTC().Truncate(time.Millisecond),
	}
}

func (f *fixture) create(u store.User) store.User {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateUser(accountID, store.NewUser{User: u}) })
	return u
}

// find gives the user of that name.
func (f *fixture) find(name string) (u store.User) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		_, u, err = r.User(accountID, "default", name)
		return err
	})
	return u
}

// absent fails unless there is no user of that name.
func (f *fixture) absent(name string) {
	f.Helper()
	err := f.View(f.Context(), func(r store.Reader) error {
		_, _, err := r.User(accountID, "default", name)
		return err
	})
	if !store.Missing(err, store.RecordUser) {
		f.Errorf("user %q: %v, want not found", name, err)
	}
}

func (f *fixture) same(want, got any) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("(-want +got)\n%s", diff)
	}
}

// together runs fn n times at once.
func (f *fixture) together(n int, fn func(i int) error) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := fn(i); err != nil {
				f.Error(err)
			}
		})
	}
	all.Wait()
}
