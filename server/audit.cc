#include "server/audit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPurpose = 200;

// Of well-formed UTF-8, which every string of a request is.
size_t Characters(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; });
}

std::string ResultOf(const absl::Status& status) {
  std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

std::string PrincipalOf(const RpcContext&) { return "local"; }

AuditEvent AuditEventOf(const RpcContext& rpc, const AuditedAct& act,
                        std::string_view result) {
  return {.principal = PrincipalOf(rpc),
          .role = std::string(act.role),
          .method = std::string(rpc.method()),
          .resource = act.resource,
          .purpose = act.purpose,
          .result = std::string(result)};
}

absl::Status RunAudited(AuditLog& log, const RpcContext& rpc,
                        const AuditedAct& act,
                        const std::function<absl::Status()>& body) {
  const absl::Status kept = log.Append(AuditEventOf(rpc, act, kAuditAllowed));
  if (!kept.ok()) return kept;
  absl::Status done = body();
  if (done.ok()) return done;
  // Nothing was answered or changed, so the call may end as it did even when
  // this cannot be kept.
  log.Append(AuditEventOf(rpc, act, ResultOf(done))).IgnoreError();
  return done;
}

absl::Status CheckPurpose(std::string_view field, std::string_view purpose) {
  const size_t length = Characters(purpose);
  const bool control = std::ranges::any_of(purpose, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (length > 0 && length <= kMaxPurpose && !control) return absl::OkStatus();
  FieldError error;
  error.field = std::string(field);
  error.value = absl::StrCat(length, " 个字符");
  error.allowed = absl::StrCat("1 至 ", kMaxPurpose,
                               " 个字符，不含换行等控制字符，写明依据或目的，"
                               "例如“学院认定，2026 年 3 月”");
  return InvalidField(length == 0            ? kFieldMissing
                      : length > kMaxPurpose ? kFieldTooLong
                                             : kFieldInvalid,
                      error);
}

}  // namespace gradmatch
