#ifndef GRADMATCH_INDEX_VAULT_SODIUM_H_
#define GRADMATCH_INDEX_VAULT_SODIUM_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "index/base/locked_bytes.h"

namespace gradmatch {

// The only file pair that knows libsodium. All functions may run concurrently.

inline constexpr size_t kSha256Bytes = 32;
std::string Sha256(std::string_view bytes);

// Random bytes of the system's source.
std::string RandomBytes(size_t count);

// Whether both are the same, in a time that does not tell where they differ.
// Their sizes are no secret.
bool EqualSecrets(std::string_view a, std::string_view b);

// Overwrites the bytes in a way no compiler leaves out.
void Wipe(std::string& bytes);

// Bytes that are wiped when they go: keys, and what was unsealed. Not copied;
// moving wipes what it moves from. The buffer never grows, so that no piece of
// it stays behind.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  // For keys, which live long: in locked memory (base/locked_bytes.h).
  static Secret Locked(std::string_view bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { Wipe(bytes_); }

  std::string_view view() const {
    return bytes_.empty() ? locked_.view() : std::string_view(bytes_);
  }

 private:
  std::string bytes_;
  LockedBytes locked_;  // one of the two is empty
};

// BLAKE2b of 32 bytes under a key: without it, nobody can tell what was hashed
// by trying. Of another kind than what seals, so that one key may serve both.
std::string KeyedHash(std::string_view bytes, const Secret& key);

// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): authenticated, and with nonces
// of 24 bytes that may be drawn at random for ever.
inline constexpr char kSealAlgorithm[] = "XCHACHA20-POLY1305";
inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kSealNonceBytes = 24;
inline constexpr size_t kSealTagBytes = 16;

// `plain` under `key`, with its tag; `context` is bound, not contained. Sizes
// of key and nonce are the constants above.
std::string SealBytes(std::string_view plain, std::string_view context,
                      std::string_view nonce, const Secret& key);

// Nullopt when anything differs by a bit from what was sealed.
std::optional<Secret> UnsealBytes(std::string_view sealed,
                                  std::string_view context,
                                  std::string_view nonce, const Secret& key);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_SODIUM_H_
