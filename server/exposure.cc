#include "server/exposure.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool Only(std::string_view text, const std::string& allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view HostOf(std::string_view listen) {
  return listen.substr(0, listen.rfind(':'));
}

bool UsesCertificates(const Options& options) {
  return options.auth.mode == "mtls" || options.auth.mode == "both";
}

std::optional<UnsafeOption> CheckListener(const Options& options,
                                          std::string_view name,
                                          const std::string& listen) {
  if (listen.empty() || IsLoopback(listen)) return std::nullopt;
  std::string missing;
  if (options.tls.certificate_file.empty()) {
    missing = "tls.certificate_file and tls.key_file";
  }
  if (options.auth.mode == "none") {
    absl::StrAppend(&missing, missing.empty() ? "" : ", and ",
                    "auth.mode to tokens, mtls or both");
  }
  if (missing.empty()) return std::nullopt;
  return UnsafeOption{
      std::string(name), listen,
      absl::StrCat("a loopback address such as 127.0.0.1:50051, as others "
                   "would reach the server unprotected; to serve them, set ",
                   missing,
                   " (for a trial, `gradmatch tls trial DIR` makes "
                   "certificates)")};
}

std::optional<UnsafeOption> CheckCertificates(const Options& options) {
  const Options::Tls& tls = options.tls;
  if (tls.key_file.empty() != tls.certificate_file.empty()) {
    return UnsafeOption{
        tls.key_file.empty() ? "tls.key_file" : "tls.certificate_file", "",
        "a path: a certificate and its key are set together, or neither"};
  }
  if (!tls.client_ca_file.empty() && tls.certificate_file.empty()) {
    return UnsafeOption{"tls.client_ca_file", tls.client_ca_file,
                        "empty without TLS; set tls.certificate_file and "
                        "tls.key_file as well"};
  }
  if (tls.client_ca_file.empty() && UsesCertificates(options)) {
    return UnsafeOption{
        "tls.client_ca_file", "",
        absl::StrCat("a path, as auth.mode is ", options.auth.mode,
                     ": the certificates that sign those of callers")};
  }
  if (tls.client_ca_file.empty() && tls.client_certificates != "auto") {
    return UnsafeOption{"tls.client_certificates", tls.client_certificates,
                        "auto without tls.client_ca_file: nothing says which "
                        "certificates are to be believed"};
  }
  if (tls.client_certificates == "request" && options.auth.mode == "mtls") {
    return UnsafeOption{"tls.client_certificates", tls.client_certificates,
                        "auto or require, as auth.mode is mtls"};
  }
  return std::nullopt;
}

}  // namespace

bool IsListenAddress(std::string_view listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view port = listen.substr(colon + 1);
  int number = -1;
  if (port.empty() || !Only(port, std::string(kDigits)) ||
      !absl::SimpleAtoi(A(port), &number) || number > 65'535) {
    return false;
  }
  std::string_view host = HostOf(listen);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return Only(host, absl::StrCat(A(kDigits), "abcdefABCDEF:."));
  }
  return !host.empty() && host.size() <= 255 &&
         Only(host, absl::StrCat(A(kDigits), A(kLetters), ".-"));
}

bool IsLoopback(std::string_view listen) {
  if (!IsListenAddress(listen)) return false;
  const std::string_view host = HostOf(listen);
  const bool ipv4 = host.starts_with("127.") &&
                    std::count(host.begin(), host.end(), '.') == 3 &&
                    Only(host, absl::StrCat(A(kDigits), "."));
  return ipv4 || host == "localhost" || host == "[::1]";
}

bool IsTrustDomain(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         Only(name, absl::StrCat(A(kDigits), "abcdefghijklmnopqrstuvwxyz._-"));
}

bool RequiresClientCertificate(const Options& options) {
  if (options.tls.client_ca_file.empty()) return false;
  if (options.tls.client_certificates == "auto") {
    return options.auth.mode == "mtls";
  }
  return options.tls.client_certificates == "require";
}

std::optional<UnsafeOption> FindUnsafe(const Options& options) {
  auto unsafe = CheckCertificates(options);
  if (!unsafe.has_value()) {
    unsafe = CheckListener(options, "server.grpc_listen",
                           options.server.grpc_listen);
  }
  if (!unsafe.has_value()) {
    unsafe = CheckListener(options, "server.http_listen",
                           options.server.http_listen);
  }
  return unsafe;
}

}  // namespace gradmatch
