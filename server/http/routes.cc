#include "server/http/routes.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

absl::Status Bad(const MethodDescriptor& method, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("google.api.http of ", method.full_name(), ": ", A(why)));
}

bool HasFieldPath(const Descriptor* message, const std::string& path) {
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (message == nullptr) return false;
    const FieldDescriptor* field = message->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated()) return false;
    message = field->message_type();
  }
  return true;
}

std::pair<std::string, std::string> MethodAndPath(
    const google::api::HttpRule& rule) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"GET", rule.get()};
    case google::api::HttpRule::kPut:
      return {"PUT", rule.put()};
    case google::api::HttpRule::kPost:
      return {"POST", rule.post()};
    case google::api::HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case google::api::HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case google::api::HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case google::api::HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

absl::Status AddRule(const MethodDescriptor& method,
                     const google::api::HttpRule& rule,
                     std::vector<Route>& routes) {
  const auto [http_method, path] = MethodAndPath(rule);
  absl::StatusOr<PathTemplate> parsed = PathTemplate::Parse(path);
  if (!parsed.ok()) return Bad(method, S(parsed.status().message()));
  for (const std::string& variable : parsed->Variables()) {
    if (!HasFieldPath(method.input_type(), variable)) {
      return Bad(method, absl::StrCat("no field ", variable));
    }
  }
  if (!rule.body().empty() && rule.body() != "*" &&
      !HasFieldPath(method.input_type(), rule.body())) {
    return Bad(method, absl::StrCat("no field ", rule.body()));
  }
  Route& route = routes.emplace_back();
  route.method = &method;
  route.http_method = http_method;
  route.path = *std::move(parsed);
  route.body = rule.body();
  route.rpc_path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RouteTable> RouteTable::Build(
    const std::vector<const ServiceDescriptor*>& services) {
  RouteTable table;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (!method.options().HasExtension(google::api::http)) continue;
      const google::api::HttpRule& rule =
          method.options().GetExtension(google::api::http);
      absl::Status added = AddRule(method, rule, table.routes_);
      for (const google::api::HttpRule& more : rule.additional_bindings()) {
        if (added.ok()) added = AddRule(method, more, table.routes_);
      }
      if (!added.ok()) return added;
    }
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const Route& route : table.routes_) {
    // Two templates that differ in their variables' names only are the same.
    std::string shape;
    for (const PathTemplate::Segment& segment : route.path.segments()) {
      absl::StrAppend(&shape, "/",
                      segment.rest              ? "**"
                      : segment.literal.empty() ? "*"
                                                : segment.literal);
    }
    absl::StrAppend(&shape, ":", route.path.verb());
    if (!seen.emplace(route.http_method, shape).second) {
      return Bad(*route.method, absl::StrCat("another rule has ", shape));
    }
  }
  return table;
}

void RouteTable::FindAll(
    const std::vector<std::string>& segments, std::string_view verb,
    std::map<std::string, std::pair<const Route*, PathBindings>>& found) const {
  for (const Route& route : routes_) {
    std::optional<PathBindings> bindings = route.path.Match(segments, verb);
    if (!bindings.has_value()) continue;
    // The first one wins; Build refuses equals, and "**" comes after.
    found.try_emplace(route.http_method, &route, *std::move(bindings));
  }
}

RouteTable::Found RouteTable::Find(std::string_view http_method,
                                   const RequestTarget& target) const {
  std::map<std::string, std::pair<const Route*, PathBindings>> found;
  FindAll(target.segments, target.verb, found);
  if (found.empty() && !target.verb.empty()) {
    // A colon in an id is no verb.
    std::vector<std::string> segments = target.segments;
    segments.back() = target.last_with_verb;
    FindAll(segments, "", found);
  }
  Found out;
  const auto it = found.find(std::string(http_method));
  if (it != found.end()) {
    out.route = it->second.first;
    out.bindings = std::move(it->second.second);
    return out;
  }
  for (const auto& [method, route] : found) out.allowed.push_back(method);
  return out;
}

}  // namespace gradmatch
