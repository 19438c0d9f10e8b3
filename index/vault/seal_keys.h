#ifndef GRADMATCH_INDEX_VAULT_SEAL_KEYS_H_
#define GRADMATCH_INDEX_VAULT_SEAL_KEYS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/vault/sodium.h"

namespace gradmatch {

// The keys that seal values, from a file that is kept apart from the data
// folder and its backups. Text, a line each:
//
//   gradmatch-seal-keys 1
//   <id> <key>        the current one: it seals
//   <id> <key>        older ones: they only open
//
// A key is 32 bytes in hex; its id is the first 8 bytes, in hex, of SHA-256
// ("gradmatch-seal-key" ‖ key), so that a damaged file is noticed. Ids stand in
// the store, keys nowhere else. Immutable; keys lie in locked memory and are
// wiped when this goes.
class SealKeys {
 public:
  // FailedPrecondition, SEAL_KEY_MISSING, when the file is missing, is no plain
  // file, may be read by anybody but its owner, or is no such file.
  static absl::StatusOr<SealKeys> Load(const std::string& path);

  const std::string& current_id() const { return keys_.front().first; }
  const Secret& current() const { return keys_.front().second; }
  // Null for a key that is not in the file.
  const Secret* Find(std::string_view id) const;
  size_t size() const { return keys_.size(); }

 private:
  SealKeys() = default;

  std::vector<std::pair<std::string, Secret>> keys_;  // never empty
};

// Makes the file with one key, mode 0400, on stable storage. AlreadyExists: a
// new key in its place would make everything that is sealed unreadable.
absl::Status NewSealKeyFile(const std::string& path);
// Puts a new current key in front of the others. After a crash the file is the
// old or the new one. What older keys sealed is sealed anew at the next start.
absl::Status RotateSealKeyFile(const std::string& path);
// Leaves only the current key, for when nothing is sealed with the others any
// more.
absl::Status PruneSealKeyFile(const std::string& path);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_SEAL_KEYS_H_
