#include "index/vault/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace gradmatch {
namespace {

static_assert(kSha256Bytes == crypto_hash_sha256_BYTES);
static_assert(kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kSealNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kSealTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

// Once a process; without it random numbers are not to be had. It fails only
// where the system has no source of them, and nothing can be kept safe then.
void Init() {
  static const int done = sodium_init();
  if (done < 0) std::abort();
}

const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Bytes(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  Init();
  std::string digest(kSha256Bytes, '\0');
  crypto_hash_sha256(Bytes(digest), Bytes(bytes), bytes.size());
  return digest;
}

std::string KeyedHash(std::string_view bytes, const Secret& key) {
  Init();
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(Bytes(digest), digest.size(), Bytes(bytes), bytes.size(),
                     Bytes(key.view()), key.view().size());
  return digest;
}

std::string RandomBytes(size_t count) {
  Init();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

bool EqualSecrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Wipe(std::string& bytes) { sodium_memzero(bytes.data(), bytes.size()); }

Secret Secret::Locked(std::string_view bytes) {
  Secret secret;
  secret.locked_ = LockedBytes(bytes);
  return secret;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(other.bytes_), locked_(std::move(other.locked_)) {
  Wipe(other.bytes_);
  other.bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe(bytes_);
  bytes_ = other.bytes_;
  locked_ = LockedBytes(std::move(other.locked_));
  Wipe(other.bytes_);
  other.bytes_.clear();
  return *this;
}

std::string SealBytes(std::string_view plain, std::string_view context,
                      std::string_view nonce, const Secret& key) {
  Init();
  if (nonce.size() != kSealNonceBytes || key.view().size() != kSealKeyBytes) {
    std::abort();  // a mistake of ours: sizes are checked where they come in
  }
  std::string sealed(plain.size() + kSealTagBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(sealed), nullptr, Bytes(plain), plain.size(), Bytes(context),
      context.size(), nullptr, Bytes(nonce), Bytes(key.view()));
  return sealed;
}

std::optional<Secret> UnsealBytes(std::string_view sealed,
                                  std::string_view context,
                                  std::string_view nonce, const Secret& key) {
  Init();
  if (nonce.size() != kSealNonceBytes || key.view().size() != kSealKeyBytes ||
      sealed.size() < kSealTagBytes) {
    return std::nullopt;
  }
  std::string plain(sealed.size() - kSealTagBytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      Bytes(plain), nullptr, nullptr, Bytes(sealed), sealed.size(),
      Bytes(context), context.size(), Bytes(nonce), Bytes(key.view()));
  Secret secret(std::move(plain));
  // A moved-from short string keeps its bytes.
  Wipe(plain);
  if (failed != 0) return std::nullopt;
  return secret;
}

}  // namespace gradmatch
