#ifndef GRADMATCH_INDEX_VAULT_SEALED_FLAGS_H_
#define GRADMATCH_INDEX_VAULT_SEALED_FLAGS_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/vault/seal_keys.h"

namespace gradmatch {

// Hardship and disability of one graduate, in the clear: lives as short as it
// can, and is wiped when it goes.
struct SealedFlags {
  SealedFlags() = default;
  SealedFlags(const SealedFlags&) = default;
  SealedFlags& operator=(const SealedFlags&) = default;
  ~SealedFlags();

  // Whether the floors of a push run are for this graduate.
  bool priority() const {
    return hardship.value_or(false) || disability.value_or(false);
  }

  std::optional<bool> hardship;  // nullopt: not stated
  std::optional<bool> disability;
};

// Seals both values, stated or not, under the current key, so that a record
// looks the same whatever it says. Each is bound to its place:
//
//   context = text("gradmatch-sealed-1") text("sealed") text(pseudonym)
//             text(field) text(algorithm) text(key id)
//   text(s) = u64(bytes) ‖ s;  u64: big endian
//   plain   = one byte: 0 not stated, 1 no, 2 yes
//
// DO NOT change: sealed values outlive binaries.
v1::StoredSealed SealFlags(const SealedFlags& flags, std::string_view pseudonym,
                           const SealKeys& keys);

// FailedPrecondition, SEAL_KEY_MISSING, when the key is not in the file.
// DataLoss when a value was altered or comes from elsewhere.
absl::StatusOr<SealedFlags> UnsealFlags(const v1::StoredSealed& sealed,
                                        std::string_view pseudonym,
                                        const SealKeys& keys);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_SEALED_FLAGS_H_
