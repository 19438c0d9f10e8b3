#include "tools/gradmatch/connection.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/exposure.h"
#include "server/identity/token_text.h"
#include "tools/gradmatch/contexts.h"

namespace gradmatch {
namespace {

constexpr char kDefaultEndpoint[] = "127.0.0.1:50051";

// What `flag` names, into `to`; nothing when it names nothing.
absl::Status Read(const char* flag, const std::string& path, std::string& to) {
  if (path.empty()) return absl::OkStatus();
  auto text = ReadTextFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": ", text.status().message()));
  }
  to = *std::move(text);
  return absl::OkStatus();
}

absl::Status CheckToken(const GlobalOptions& options) {
  const std::string& path = options.files.token_file;
  if (path.empty()) return absl::OkStatus();
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::perms others = fs::status(path, error).permissions() &
                           (fs::perms::group_all | fs::perms::others_all);
  if (!error && others != fs::perms::none) {
    return absl::InvalidArgumentError(absl::StrCat(
        "others may read the token file ", path, "; run: chmod 600 ", path));
  }
  if (!ParseBearer(options.security.token).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--token-file ", path,
        " holds no token; it should be one line that begins with gm_, as "
        "`gradmatch token create --out` writes it"));
  }
  if (!options.security.tls && !IsLoopback(options.endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a token is not sent to ", options.endpoint,
        " without TLS, where others could read it; name the certificates that "
        "sign the server's with --tls-ca FILE"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadConnectionFiles(GlobalOptions& options) {
  const ConnectionFiles& files = options.files;
  ChannelSecurity& security = options.security;
  if (files.tls_cert.empty() != files.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key are given together, or neither");
  }
  if (files.tls_ca.empty() &&
      !(files.tls_cert.empty() && files.tls_server_name.empty())) {
    return absl::InvalidArgumentError(
        "--tls-ca is missing: the certificates that may sign the server's "
        "(\"system\": those of this machine)");
  }
  security.tls = !files.tls_ca.empty();
  security.server_name = files.tls_server_name;
  absl::Status read = files.tls_ca == "system"
                          ? absl::OkStatus()
                          : Read("--tls-ca", files.tls_ca, security.ca_pem);
  if (read.ok()) {
    read = Read("--tls-cert", files.tls_cert, security.certificate_pem);
  }
  if (read.ok()) read = Read("--tls-key", files.tls_key, security.key_pem);
  if (read.ok()) read = Read("--token-file", files.token_file, security.token);
  if (!read.ok()) return read;
  // Editors end the line.
  absl::StripAsciiWhitespace(&security.token);
  return CheckToken(options);
}

absl::Status PrepareConnection(GlobalOptions& options) {
  const auto contexts = ReadContexts(ContextsPath());
  if (!contexts.ok()) return contexts.status();
  absl::Status applied = ApplyContext(*contexts, options);
  if (!applied.ok()) return applied;
  if (options.endpoint.empty()) options.endpoint = kDefaultEndpoint;
  return ReadConnectionFiles(options);
}

}  // namespace gradmatch
