// Methods, targets and query fields of HTTP requests, and their bodies.

#include <string>
#include <string_view>

#include "matcher/text/normalize.h"
#include "server/http/call_setup.h"
#include "server/http/etag.h"
#include "server/http/request_fields.h"
#include "server/http/routes.h"
#include "server/http/uri.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

constexpr const char* kMethods[] = {"GET",    "POST", "PATCH",
                                    "DELETE", "PUT",  "X"};

void CheckDecoded(const RequestTarget& target) {
  for (const std::string& segment : target.segments) {
    PROMISE(!FindInvalidUtf8(segment).has_value());
  }
  for (const auto& [name, value] : target.query) {
    PROMISE(!FindInvalidUtf8(name).has_value());
    PROMISE(!FindInvalidUtf8(value).has_value());
  }
}

}  // namespace

// What was decoded is UTF-8, and a request is made or refused. Input: a byte
// for the method, the target, a zero byte, If-Match, a zero byte, the body.
void FuzzHttpTarget(std::string_view bytes) {
  static const auto& routes =
      *new RouteTable(*RouteTable::Build(ApiServices()));
  Choices choices(bytes);
  const char* method = kMethods[choices.Pick(std::size(kMethods))];
  const auto target = ParseTarget(choices.Word());
  const std::string_view if_match = choices.Word();
  const auto etag = ParseIfMatch(if_match);
  PROMISE(!etag.ok() || etag->size() <= if_match.size());
  (void)NoneMatchNames(if_match, "\"abc\"");
  if (!target.ok()) return;
  CheckDecoded(*target);
  const RouteTable::Found found = routes.Find(method, *target);
  if (found.route == nullptr) return;
  PROMISE(found.route->http_method == method);
  const auto request =
      MakeRequest(*found.route, found, *target, std::string(choices.rest()));
  if (!request.ok()) return;
  // Where the path says a request goes, it goes.
  for (const auto& [field, text] : found.bindings) {
    PROMISE(TextField(field, **request) == text);
  }
}

}  // namespace gradmatch
