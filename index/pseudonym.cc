#include "index/pseudonym.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "index/file_system.h"
#include "index/keys.h"
#include "index/store.h"

namespace gradmatch {
namespace {

std::string SecretPath(const std::string& folder) { return folder + "/SECRET"; }

absl::Status Refused(const std::string& path, std::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(path, " ", A(why)));
}

}  // namespace

Pseudonymizer Pseudonymizer::FromSecret(std::string_view secret) {
  return Pseudonymizer(secret);
}

absl::StatusOr<Pseudonymizer> Pseudonymizer::Open(const std::string& folder) {
  const std::string path = SecretPath(folder);
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return Refused(path,
                   "is missing or out of reach: it is made with the data "
                   "folder, and graduates cannot be found without it; restore "
                   "it from a backup of this folder");
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 07777) != 0600) {
    return Refused(
        path, absl::StrFormat("has mode %04o: it is to be a plain file that "
                              "only its owner reads; check who could read it, "
                              "then 'chmod 600' it",
                              info.st_mode & 07777));
  }
  auto secret = ReadFile(path);
  if (!secret.ok()) return secret.status();
  if (secret->size() != kSecretBytes) {
    return Refused(
        path, absl::StrCat("has ", secret->size(), " bytes, not ", kSecretBytes,
                           "; restore it from a backup"));
  }
  Pseudonymizer pseudonymizer(*secret);
  OPENSSL_cleanse(secret->data(), secret->size());
  return pseudonymizer;
}

std::string Pseudonymizer::Of(std::string_view graduate_id) const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret_.view().data(),
       static_cast<int>(secret_.view().size()),
       reinterpret_cast<const unsigned char*>(graduate_id.data()),
       graduate_id.size(), digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), kPseudonymBytes);
}

// No id has a '/' in it, so these never meet a pseudonym.
std::string Pseudonymizer::ErasedMark(std::string_view graduate_id) const {
  return Of(absl::StrCat("erased/", A(graduate_id)));
}

std::string Pseudonymizer::Mask(std::string_view label,
                                std::string_view bytes) const {
  std::string masked(bytes);
  std::string stream;
  for (size_t i = 0; i < masked.size(); ++i) {
    if (i % kPseudonymBytes == 0) {
      stream = Of(absl::StrCat("mask/", A(label), "/", i / kPseudonymBytes));
    }
    masked[i] = static_cast<char>(masked[i] ^ stream[i % kPseudonymBytes]);
  }
  return masked;
}

absl::Status CheckSecret(Store& store, const Pseudonymizer& pseudonyms) {
  const std::string key = MetaKey("secret_mark");
  const auto mark = store.Get(Family::kMeta, key);
  if (absl::IsNotFound(mark.status())) {
    WriteBatch batch;
    batch.Put(Family::kMeta, key, pseudonyms.SecretMark());
    return store.Write(batch, Durability::kSynced);
  }
  if (!mark.ok()) return mark.status();
  if (*mark == pseudonyms.SecretMark()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "SECRET is not the one this data folder was written with: no graduate "
      "would be found under its own id; restore SECRET from a backup of this "
      "folder");
}

absl::Status EnsureSecret(const std::string& folder) {
  const std::string path = SecretPath(folder);
  if (FileExists(path)) return absl::OkStatus();
  std::string secret(kSecretBytes, '\0');
  const ssize_t got = ::getrandom(secret.data(), secret.size(), 0);
  if (got != kSecretBytes) return FileError("getrandom for", path, errno);
  absl::Status written = WriteFileDurably(path, secret, 0600);
  OPENSSL_cleanse(secret.data(), secret.size());
  return written;
}

}  // namespace gradmatch
