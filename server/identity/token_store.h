#ifndef GRADMATCH_SERVER_IDENTITY_TOKEN_STORE_H_
#define GRADMATCH_SERVER_IDENTITY_TOKEN_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/storage.pb.h"
#include "gradmatch/v1/token_service.pb.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/store.h"
#include "server/caller.h"

namespace gradmatch {

// The bearer tokens: a few thousand, so all are in memory beside the store, and
// a change is in force for the next Verify. Secrets leave this object once,
// when they are made; what is kept is their hash. Writes go through this object
// only. All methods may run concurrently.
class TokenStore {
 public:
  static constexpr absl::Duration kStandardLife = absl::Hours(90 * 24);
  static constexpr absl::Duration kLongestLife = absl::Hours(400 * 24);
  static constexpr absl::Duration kStandardOverlap = absl::Hours(24);
  static constexpr absl::Duration kLongestOverlap = absl::Hours(7 * 24);

  // Reads all tokens. Both are borrowed and outlive this. DataLoss when a
  // record does not parse.
  static absl::StatusOr<std::unique_ptr<TokenStore>> Open(Store& store,
                                                          const Clock& clock);

  // Keeps a token somewhere else too, before its change is answered and after
  // it was stored. For `keep` see RightsKeeper::KeepToken. Before the first
  // change.
  using Keep = std::function<absl::Status(const v1::StoredToken&)>;
  void SetKeep(Keep keep) { keep_ = std::move(keep); }

  // Makes a token; role, tenant, scopes, note and expire_time are `token`'s,
  // and right (token_checks.h). Durable when it returns OK. `hand_over`, if
  // there is one, is given the secret before anything is stored, and nothing is
  // when it fails. ALREADY_EXISTS.
  using HandOver = std::function<absl::Status(const v1::IssuedToken&)>;
  absl::StatusOr<v1::IssuedToken> Create(std::string_view id, v1::Token token,
                                         const HandOver& hand_over = {});

  // NOT_FOUND, TOKEN_NOT_FOUND. With state.
  absl::StatusOr<v1::Token> Get(std::string_view id) const;
  // At most `limit`, by id, after `after`.
  std::vector<v1::Token> List(std::string_view after, size_t limit) const;

  // A new secret; the present one is good for `overlap` more. NOT_FOUND;
  // FAILED_PRECONDITION when it was revoked, or has expired and gets no
  // `expire_time`.
  absl::StatusOr<v1::IssuedToken> Rotate(std::string_view id,
                                         absl::Duration overlap,
                                         std::optional<absl::Time> expire_time);
  // NOT_FOUND; OK for one that was revoked before. UNAVAILABLE,
  // RIGHTS_JOURNAL_UNAVAILABLE: in force, but not kept; to be tried again.
  absl::StatusOr<v1::Token> Revoke(std::string_view id);

  // Who bears it. UNAUTHENTICATED: TOKEN_INVALID, the same for what is no
  // token, an unknown id and a wrong secret; TOKEN_EXPIRED and TOKEN_REVOKED
  // only to whoever has its secret. Takes the same time wherever a secret
  // differs.
  absl::StatusOr<Caller> Verify(std::string_view bearer) const;

  // All, as they are stored, by id.
  std::vector<v1::StoredToken> All() const;
  // Makes a token what it was when `stored` was kept. Is not kept again.
  absl::Status Put(const v1::StoredToken& stored);

  // Whether any token in this role could be used now.
  bool HasWorking(v1::Token::Role role) const;

 private:
  TokenStore(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  absl::Status Load();
  std::optional<v1::StoredToken> Find(std::string_view id) const;
  absl::Status WriteRecord(std::string_view id, const v1::StoredToken& stored)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  void Show(std::string_view id, const v1::StoredToken& stored);
  // All or nothing: what could not be kept is taken back.
  absl::Status Write(std::string_view id, const v1::StoredToken& stored)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);

  Store& store_;
  const Clock& clock_;
  Keep keep_;  // may be empty

  // One writer; held across the durable write.
  mutable Mutex write_mu_;
  // Held only to read or change the map; taken after write_mu_.
  mutable Mutex mu_;
  std::map<std::string, v1::StoredToken, std::less<>> tokens_
      ABSL_GUARDED_BY(mu_);
};

// What a token makes of its bearer.
Caller CallerOf(const v1::Token& token);
std::string TokenNameOf(std::string_view id);
absl::Status TokenNotFound(std::string_view id);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_TOKEN_STORE_H_
