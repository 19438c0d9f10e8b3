#include "server/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/big_endian.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/message_hash.h"

namespace gradmatch {
namespace {

constexpr size_t kSealBytes = 12;
constexpr size_t kMaxTokenBytes = 4'096;

// What the seal covers. The "token/" and the zero bytes keep it apart from
// everything else that is sealed with the same secret: ids have neither.
std::string Covered(std::string_view purpose, std::string_view content) {
  return absl::StrCat("token/", A(purpose), absl::string_view("\0", 1),
                      A(content));
}

std::string PagePurpose(std::string_view method,
                        const google::protobuf::Message& request) {
  std::string purpose = absl::StrCat("page/", A(method), "/");
  AppendBigEndian64(MessageHash(request, {"page_token", "page_size"}), purpose);
  return purpose;
}

std::string PageTokenOf(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("page_token");
  return field == nullptr ? std::string()
                          : request.GetReflection()->GetString(request, field);
}

}  // namespace

PageTokens::PageTokens(std::function<std::string(std::string_view)> seal)
    : seal_(std::move(seal)) {}

std::string PageTokens::Seal(std::string_view purpose,
                             std::string_view content) const {
  const std::string seal = seal_(Covered(purpose, content));
  return absl::WebSafeBase64Escape(
      absl::StrCat(seal.substr(0, kSealBytes), A(content)));
}

absl::StatusOr<std::string> PageTokens::Open(std::string_view purpose,
                                             std::string_view field,
                                             std::string_view token) const {
  std::string bytes;
  // Written again, since the decoder skips blanks and spare bits: one cursor
  // has one token.
  if (token.size() <= kMaxTokenBytes &&
      absl::WebSafeBase64Unescape(A(token), &bytes) &&
      bytes.size() >= kSealBytes &&
      absl::WebSafeBase64Escape(bytes) == A(token)) {
    const std::string content = bytes.substr(kSealBytes);
    const std::string seal = seal_(Covered(purpose, content));
    if (bytes.compare(0, kSealBytes, seal, 0, kSealBytes) == 0) return content;
  }
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(token);
  error.allowed =
      "上一次应答给出的值，原样传回，且请求的其他字段不变；留空则从头开始";
  return InvalidField(kPageTokenInvalid, error);
}

std::string PageTokens::Make(std::string_view method,
                             const google::protobuf::Message& request,
                             std::string_view cursor) const {
  return Seal(PagePurpose(method, request), cursor);
}

absl::StatusOr<std::string> PageTokens::Read(
    std::string_view method, const google::protobuf::Message& request) const {
  const std::string token = PageTokenOf(request);
  if (token.empty()) return std::string();
  return Open(PagePurpose(method, request), "page_token", token);
}

absl::StatusOr<int> PageSize(int requested, int standard, int most) {
  if (requested < 0) {
    FieldError error;
    error.field = "page_size";
    error.value = absl::StrCat(requested);
    error.allowed = absl::StrCat("0 至 ", most);
    error.nearest = absl::StrCat(0);
    return InvalidField(kFieldOutOfRange, error);
  }
  return requested == 0 ? standard : std::min(requested, most);
}

}  // namespace gradmatch
