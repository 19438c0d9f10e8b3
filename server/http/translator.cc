#include "server/http/translator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/http/call_setup.h"
#include "server/http/etag.h"
#include "server/http/json_codec.h"
#include "server/http/ndjson.h"
#include "server/http/request_fields.h"

namespace gradmatch {
namespace {

bool IsRead(const HttpExchange& exchange) {
  return exchange.method() == "GET" || exchange.method() == "HEAD";
}

absl::Status NoSuchPath(const HttpExchange& exchange) {
  // Without the query, which may be about a person.
  const std::string path =
      exchange.target().substr(0, exchange.target().find('?'));
  return MakeError(absl::StatusCode::kNotFound, kPathNotFound,
                   "没有这个路径；全部路径见 /openapi.json", {{"value", path}});
}

HttpReply WrongMethod(const HttpExchange& exchange,
                      const std::vector<std::string>& allowed) {
  const std::string list = absl::StrJoin(allowed, ", ");
  HttpReply reply = ErrorReply(MakeError(
      absl::StatusCode::kUnimplemented, kHttpMethodNotAllowed,
      absl::StrCat("此路径不支持 ", exchange.method(), "；支持：", list),
      {{"value", exchange.method()}, {"allowed", list}}));
  reply.headers.emplace_back("Allow", list);
  return reply;
}

absl::Status ApplyIfMatch(const std::string& header, const Route& route,
                          google::protobuf::Message& request) {
  const std::string field = EtagField(route);
  if (field.empty()) {
    return InvalidField(
        kFieldInvalid,
        {.field = "If-Match", .value = header, .allowed = "此方法不比较 etag"});
  }
  absl::StatusOr<std::string> etag = ParseIfMatch(header);
  if (!etag.ok()) return etag.status();
  return etag->empty() ? absl::OkStatus() : SetPathField(field, *etag, request);
}

}  // namespace

const Route* Translator::Handle(HttpExchange& exchange) {
  const absl::StatusOr<RequestTarget> target = ParseTarget(exchange.target());
  if (!target.ok()) {
    exchange.Reply(ErrorReply(target.status()));
    return nullptr;
  }
  const bool head = exchange.method() == "HEAD";
  const RouteTable::Found found =
      routes_.Find(head ? "GET" : exchange.method(), *target);
  if (found.route == nullptr) {
    exchange.Reply(found.allowed.empty()
                       ? ErrorReply(NoSuchPath(exchange))
                       : WrongMethod(exchange, found.allowed));
    return nullptr;
  }
  const Route& route = *found.route;
  if (!route.method->client_streaming() && !route.method->server_streaming()) {
    const absl::StatusOr<HttpReply> reply =
        HandleUnary(exchange, route, found, *target);
    exchange.Reply(reply.ok() ? *reply
                              : ErrorReply(reply.status(),
                                           exchange.HasHeader("If-Match")));
  } else if (head) {
    // A stream has no head that could be given without beginning it.
    exchange.Reply(WrongMethod(exchange, {"GET"}));
  } else {
    const absl::Status status = HandleStream(exchange, route, found, *target);
    if (!status.ok()) exchange.Reply(ErrorReply(status));
  }
  return &route;
}

absl::StatusOr<HttpReply> Translator::HandleUnary(
    HttpExchange& exchange, const Route& route, const RouteTable::Found& found,
    const RequestTarget& target) {
  const absl::StatusOr<absl::Time> deadline = DeadlineOf(exchange);
  if (!deadline.ok()) return deadline.status();
  const absl::StatusOr<std::string> body =
      ReadJsonBody(exchange, limits_.max_body_bytes);
  if (!body.ok()) return body.status();
  auto request = MakeRequest(route, found, target, *body);
  if (!request.ok()) return request.status();
  const std::string if_match = exchange.Header("If-Match");
  if (!if_match.empty() && !IsRead(exchange)) {
    absl::Status matched = ApplyIfMatch(if_match, route, **request);
    if (!matched.ok()) return matched;
  }
  if (absl::Now() >= *deadline) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, kDeadlinePassed,
                     "请求的期限在处理之前已过；请放宽期限后重试");
  }
  const absl::StatusOr<std::string> wire =
      channel_.Call(route.rpc_path, (*request)->SerializeAsString(), *deadline,
                    CallMetadata(exchange, limits_.hop_secret));
  if (!wire.ok()) return wire.status();

  const google::protobuf::Descriptor& type = *route.method->output_type();
  absl::StatusOr<std::string> json = WireToJson(type, *wire);
  if (!json.ok()) return json.status();
  HttpReply reply;
  const std::string etag =
      IsRead(exchange) ? EtagOf(type, *wire, *json) : ResourceEtag(type, *wire);
  if (!etag.empty()) reply.headers.emplace_back("ETag", etag);
  // What is said here is about people and changes: it may be kept by whoever
  // asked, and asked for again.
  reply.headers.emplace_back("Cache-Control", "private, no-cache");
  if (IsRead(exchange) && exchange.HasHeader("If-None-Match") &&
      NoneMatchNames(exchange.Header("If-None-Match"), etag)) {
    reply.status = 304;
    return reply;
  }
  reply.headers.emplace_back("Content-Type", "application/json");
  reply.body = *std::move(json);
  reply.body.push_back('\n');
  return reply;
}

absl::Status Translator::HandleStream(HttpExchange& exchange,
                                      const Route& route,
                                      const RouteTable::Found& found,
                                      const RequestTarget& target) {
  const absl::StatusOr<absl::Time> deadline = DeadlineOf(exchange);
  if (!deadline.ok()) return deadline.status();
  if (streams_.fetch_add(1) >= limits_.max_streams) {
    streams_.fetch_sub(1);
    return Overloaded(kQuotaExceeded,
                      "同时进行的流已达上限，请等其中一个结束后重试", 1'000);
  }
  const absl::Status status =
      route.method->client_streaming()
          ? RunSync(exchange, channel_, route, found, target, *deadline,
                    limits_)
          : RunServerLines(exchange, channel_, route, found, target, *deadline,
                           limits_);
  streams_.fetch_sub(1);
  return status;
}

}  // namespace gradmatch
