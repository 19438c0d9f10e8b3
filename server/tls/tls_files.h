#ifndef GRADMATCH_SERVER_TLS_TLS_FILES_H_
#define GRADMATCH_SERVER_TLS_TLS_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

struct TlsFiles {
  std::string certificate;  // with those that sign it, PEM
  std::string key;          // PEM, for its owner only
  std::string client_ca;    // PEM; empty: callers are not asked
};

// What is in the files, found to be usable together. The key is wiped when this
// goes.
struct TlsMaterial {
  TlsMaterial() = default;
  TlsMaterial(TlsMaterial&&) = default;
  TlsMaterial& operator=(TlsMaterial&&) = default;
  ~TlsMaterial();

  std::string certificate_pem;
  std::string key_pem;
  std::string client_ca_pem;
  // When the first of the certificates in the chain, and of those that sign
  // callers' (InfiniteFuture: none), is over.
  absl::Time not_after = absl::InfiniteFuture();
  absl::Time client_ca_not_after = absl::InfiniteFuture();
};

// Reads and checks them as of `now`. InvalidArgument names the option and the
// file, what is wrong with it and what to do: it cannot be read, is not PEM,
// the key is another certificate's or may be read by others, a certificate is
// not valid yet or no longer.
absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files, absl::Time now);

// Differs when a file was replaced, written or made readable. Cheap.
std::string FilesSignature(const TlsFiles& files);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_TLS_FILES_H_
