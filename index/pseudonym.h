#ifndef GRADMATCH_INDEX_PSEUDONYM_H_
#define GRADMATCH_INDEX_PSEUDONYM_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/locked_bytes.h"

namespace gradmatch {

class Store;

inline constexpr int kSecretBytes = 32;

// Turns the id a caller gives for a person into the key the store uses:
// HMAC-SHA-256 under a secret of this data folder, cut to 16 bytes. The same
// id gives the same pseudonym for the life of the folder; without the secret
// neither can be computed from the other. Immutable: all methods may run
// concurrently. The secret lies in memory that is locked, and wiped when the
// object goes.
class Pseudonymizer {
 public:
  // Reads `folder`/SECRET. FailedPrecondition when it is missing, is not a
  // plain file of mode 0600, or has not exactly 32 bytes.
  static absl::StatusOr<Pseudonymizer> Open(const std::string& folder);

  // With a secret that is at hand, for stores in memory. 32 bytes.
  static Pseudonymizer FromSecret(std::string_view secret);

  Pseudonymizer(Pseudonymizer&&) noexcept = default;
  Pseudonymizer& operator=(Pseudonymizer&&) noexcept = default;

  // 16 bytes, to be used as GraduateKey and in LedgerKey. Never shown outside.
  std::string Of(std::string_view graduate_id) const;

  // 16 bytes by which an erased id is known again when somebody sends it: under
  // the same secret, but neither leads to the other without it.
  std::string ErasedMark(std::string_view graduate_id) const;

  // By which a secret is known again; leads to it as little as a pseudonym.
  std::string SecretMark() const { return Of("secret/"); }

  // `bytes` under a key stream of the secret; twice gives them back. `label` is
  // used for one text only.
  std::string Mask(std::string_view label, std::string_view bytes) const;

 private:
  explicit Pseudonymizer(std::string_view secret) : secret_(secret) {}

  LockedBytes secret_;
};

// Whether `store` was written with the secret of `pseudonyms`: with another one
// every graduate would silently be somebody else. FailedPrecondition when it
// was not. A store that does not know its secret yet learns it.
absl::Status CheckSecret(Store& store, const Pseudonymizer& pseudonyms);

// Makes `folder`/SECRET from the kernel's random source, mode 0600, on stable
// storage when this returns OK. Leaves a secret that is there alone. Called
// when a data folder is created, and never later: a new secret would orphan
// every graduate in the store.
absl::Status EnsureSecret(const std::string& folder);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_PSEUDONYM_H_
