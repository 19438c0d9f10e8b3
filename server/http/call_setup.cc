#include "server/http/call_setup.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/http/json_codec.h"
#include "server/http/peer_metadata.h"
#include "server/http/request_fields.h"
#include "server/identity/access_gate.h"

namespace gradmatch {
namespace {

constexpr absl::Duration kBodyIdle = absl::Seconds(10);
constexpr absl::Duration kBodyTotal = absl::Seconds(60);

absl::Status BadTimeout(std::string_view name, const std::string& value) {
  return InvalidField(kFieldInvalid,
                      {.field = std::string(name),
                       .value = value,
                       .allowed = "大于零的时长，如 2s、500ms；grpc-timeout "
                                  "如 500m（毫秒）"});
}

// gRPC's form: up to eight digits and a unit.
bool ParseGrpcTimeout(const std::string& text, absl::Duration* out) {
  int64_t n = 0;
  if (text.size() < 2 || text.size() > 9 ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &n)) {
    return false;
  }
  switch (text.back()) {
    case 'H':
      *out = absl::Hours(n);
      return true;
    case 'M':
      *out = absl::Minutes(n);
      return true;
    case 'S':
      *out = absl::Seconds(n);
      return true;
    case 'm':
      *out = absl::Milliseconds(n);
      return true;
    case 'u':
      *out = absl::Microseconds(n);
      return true;
    case 'n':
      *out = absl::Nanoseconds(n);
      return true;
    default:
      return false;
  }
}

absl::Status TooLarge(size_t max_bytes) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, kBodyTooLarge,
      absl::StrCat("请求正文超过上限 ", max_bytes,
                   " 字节；请拆成几次，或改用同步流（:sync，逐行发送）"),
      {{"allowed", absl::StrCat(max_bytes)}});
}

}  // namespace

std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor& type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
}

absl::StatusOr<absl::Time> DeadlineOf(const HttpExchange& exchange) {
  absl::Duration timeout = absl::InfiniteDuration();
  const std::string own = exchange.Header("X-Request-Timeout");
  const std::string grpc = exchange.Header("grpc-timeout");
  double seconds = 0;
  if (!own.empty()) {
    if (absl::SimpleAtod(own, &seconds)) {
      timeout = absl::Seconds(seconds);
    } else if (!absl::ParseDuration(own, &timeout)) {
      return BadTimeout("X-Request-Timeout", own);
    }
    if (!(timeout > absl::ZeroDuration())) {
      return BadTimeout("X-Request-Timeout", own);
    }
  } else if (!grpc.empty()) {
    if (!ParseGrpcTimeout(grpc, &timeout) || timeout <= absl::ZeroDuration()) {
      return BadTimeout("grpc-timeout", grpc);
    }
  }
  return absl::Now() + timeout;
}

RpcMetadata CallMetadata(const HttpExchange& exchange,
                         const std::string& hop_secret) {
  RpcMetadata metadata = {{kHopHeader, hop_secret}};
  std::string authorization = exchange.Header("Authorization");
  // gRPC ends the program over a value that it cannot send.
  const bool sendable =
      std::all_of(authorization.begin(), authorization.end(),
                  [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (!sendable) authorization.assign(1, '?');
  if (!authorization.empty()) {
    metadata.emplace_back(kAuthorizationHeader, std::move(authorization));
  }
  for (auto& entry : PeerMetadata(exchange.peer_uris())) {
    metadata.push_back(std::move(entry));
  }
  return metadata;
}

absl::Status CheckContentType(const HttpExchange& exchange,
                              std::initializer_list<const char*> allowed) {
  const std::string header = exchange.Header("Content-Type");
  const std::vector<std::string> parts =
      absl::StrSplit(absl::AsciiStrToLower(header), ';');
  const absl::string_view type = absl::StripAsciiWhitespace(parts[0]);
  bool taken = std::any_of(allowed.begin(), allowed.end(),
                           [&](const char* one) { return type == one; });
  for (size_t i = 1; i < parts.size(); ++i) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
    if (absl::StartsWith(parameter, "charset=") &&
        parameter.find("utf-8") == parameter.npos) {
      taken = false;
    }
  }
  std::string seen = header;
  std::string want = absl::StrJoin(allowed, "、");
  const std::string packing =
      absl::AsciiStrToLower(exchange.Header("Content-Encoding"));
  if (taken && !packing.empty() && packing != "gzip" && packing != "identity") {
    taken = false;
    seen = packing;
    want = "gzip 或不压缩";
  }
  if (taken) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, kContentTypeUnsupported,
                   absl::StrCat("不接受这种请求正文 \"", seen, "\"；允许：",
                                want, "，UTF-8 编码"),
                   {{"value", seen}, {"allowed", want}});
}

absl::Status BodyCut() {
  return MakeError(absl::StatusCode::kInvalidArgument, kBodyIncomplete,
                   "请求正文在中途断了、过久没有数据，或压缩、分块的格式不对");
}

absl::StatusOr<std::string> ReadJsonBody(HttpExchange& exchange,
                                         size_t max_bytes) {
  const auto length = exchange.body_bytes();
  if (length == uint64_t{0}) return "";
  absl::Status type = CheckContentType(exchange, {"application/json"});
  if (!type.ok()) return type;
  if (length.has_value() && *length > max_bytes) return TooLarge(max_bytes);
  std::string body;
  const auto end = exchange.ReadBody(
      [&](std::string_view piece) {
        if (body.size() + piece.size() > max_bytes) return false;
        body.append(piece);
        return true;
      },
      kBodyIdle, kBodyTotal);
  switch (end) {
    case HttpExchange::BodyEnd::kWhole:
      return body;
    case HttpExchange::BodyEnd::kStopped:
      return TooLarge(max_bytes);
    default:
      return BodyCut();
  }
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeRequest(
    const Route& route, const RouteTable::Found& found,
    const RequestTarget& target, const std::string& body) {
  std::unique_ptr<google::protobuf::Message> request =
      NewMessage(*route.method->input_type());
  absl::Status status;
  const bool blank = absl::StripAsciiWhitespace(body).empty();
  if (route.body.empty()) {
    if (!blank) {
      return InvalidField(
          kFieldInvalid,
          {.field = "(body)", .value = "", .allowed = "此方法没有请求正文"});
    }
  } else if (!blank) {
    google::protobuf::Message* part = request.get();
    std::string path;
    if (route.body != "*") {
      path = route.body;
      part = request->GetReflection()->MutableMessage(
          request.get(), request->GetDescriptor()->FindFieldByName(path));
    }
    status = JsonToMessage(body, path, *part);
    if (!status.ok()) return status;
  }
  for (const auto& [name, value] : target.query) {
    if (route.body == "*") {
      return InvalidField(
          kFieldInvalid,
          {.field = name,
           .value = value,
           .allowed = "此方法的参数都写在正文的 JSON 里，网址不带参数"});
    }
    status = AddQueryField(name, value, *request);
    if (!status.ok()) return status;
  }
  for (const auto& [name, value] : found.bindings) {
    status = SetPathField(name, value, *request);
    if (!status.ok()) return status;
  }
  return request;
}

}  // namespace gradmatch
