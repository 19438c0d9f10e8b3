#include "server/http/etag.h"

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "server/http/request_fields.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool HasEtag(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByName("etag");
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING &&
         !field->is_repeated();
}

absl::string_view WithoutWeak(absl::string_view etag) {
  return absl::StartsWith(etag, "W/") ? etag.substr(2) : etag;
}

}  // namespace

std::string ResourceEtag(const Descriptor& type, const std::string& wire) {
  if (!HasEtag(type)) return "";
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
  if (!message->ParseFromString(wire)) return "";
  const std::string etag = TextField("etag", *message);
  return etag.empty() ? "" : absl::StrCat("\"", etag, "\"");
}

std::string EtagOf(const Descriptor& type, const std::string& wire,
                   std::string_view json) {
  std::string etag = ResourceEtag(type, wire);
  if (!etag.empty()) return etag;
  return absl::StrCat("\"h-", absl::Hex(ContentHash(json), absl::kZeroPad16),
                      "\"");
}

bool NoneMatchNames(std::string_view header, std::string_view etag) {
  for (absl::string_view one : absl::StrSplit(A(header), ',')) {
    one = absl::StripAsciiWhitespace(one);
    if (one == "*" || WithoutWeak(one) == WithoutWeak(A(etag))) return true;
  }
  return false;
}

absl::StatusOr<std::string> ParseIfMatch(std::string_view header) {
  const absl::string_view one = absl::StripAsciiWhitespace(A(header));
  if (one == "*") return "";
  if (one.size() < 3 || one.front() != '"' || one.back() != '"' ||
      one.substr(1, one.size() - 2).find('"') != one.npos) {
    return InvalidField(kFieldInvalid,
                        {.field = "If-Match",
                         .value = std::string(one),
                         .allowed = "一个带双引号的强 etag，如 \"42\"，或 *"});
  }
  return std::string(one.substr(1, one.size() - 2));
}

std::string EtagField(const Route& route) {
  const Descriptor& request = *route.method->input_type();
  if (!route.body.empty() && route.body != "*") {
    const FieldDescriptor* body = request.FindFieldByName(route.body);
    if (body != nullptr && body->message_type() != nullptr &&
        HasEtag(*body->message_type())) {
      return absl::StrCat(route.body, ".etag");
    }
  }
  return HasEtag(request) ? "etag" : "";
}

}  // namespace gradmatch
