#include "server/identity/bootstrap.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/base/strings.h"
#include "index/file_system.h"
#include "index/vault/sodium.h"
#include "server/identity/token_text.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kLife = absl::Hours(7 * 24);
constexpr char kSuffix[] = ".operator-token";

bool IsWithin(const std::string& path, const std::string& folder) {
  std::error_code error;
  const fs::path file = fs::weakly_canonical(fs::absolute(path), error);
  const fs::path data = fs::weakly_canonical(fs::absolute(folder), error);
  const auto [end, unused] =
      std::mismatch(data.begin(), data.end(), file.begin(), file.end());
  return end == data.end();
}

// What lies there may be an older token of ours, and nothing else.
absl::Status CheckReplaceable(const std::string& path) {
  const auto text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  if (!text.ok()) return text.status();
  if (ParseBearer(S(absl::StripSuffix(*text, "\n"))).has_value()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "auth.bootstrap_file ", path,
      " holds something that is no token; no operator's token works, so one is "
      "to be written there: move the file away or name another, and start "
      "again"));
}

}  // namespace

std::string BootstrapFile(const std::string& option,
                          const std::string& data_folder) {
  if (!option.empty()) return option;
  const size_t end = data_folder.find_last_not_of('/');
  return absl::StrCat(data_folder.substr(0, end + 1), kSuffix);
}

absl::StatusOr<bool> WriteBootstrapToken(TokenStore& tokens,
                                         const std::string& path,
                                         const std::string& data_folder,
                                         absl::Time now) {
  if (tokens.HasWorking(v1::Token::ROLE_OPERATOR)) return false;
  if (IsWithin(path, data_folder)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "auth.bootstrap_file ", path, " is in the data folder ", data_folder,
        "; whoever gets a copy of the folder would get the token: name a file "
        "outside"));
  }
  absl::Status free = CheckReplaceable(path);
  if (!free.ok()) return free;
  v1::Token token;
  token.set_role(v1::Token::ROLE_OPERATOR);
  token.set_note("bootstrap");
  *token.mutable_expire_time() = ToTimestamp(now + kLife);
  const std::string id =
      absl::StrCat("bootstrap-", absl::BytesToHexString(RandomBytes(4)));
  auto issued = tokens.Create(id, token, [&path](const v1::IssuedToken& made) {
    return WriteFileDurably(path, made.bearer() + "\n", 0600);
  });
  if (!issued.ok()) return issued.status();
  return true;
}

}  // namespace gradmatch
