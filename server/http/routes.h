#ifndef GRADMATCH_SERVER_HTTP_ROUTES_H_
#define GRADMATCH_SERVER_HTTP_ROUTES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "server/http/path_template.h"
#include "server/http/uri.h"

namespace gradmatch {

// The services that this program is built with, in the order of their names:
// those of gradmatch.v1, and google.longrunning.Operations.
std::vector<const google::protobuf::ServiceDescriptor*> ApiServices();

// One google.api.http rule.
struct Route {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // "GET"
  PathTemplate path;
  // Of the request: "*" the body is all of it that the path leaves; a field's
  // name; empty: there is no body, the rest comes from the query.
  std::string body;
  // "/gradmatch.v1.PostingService/GetPosting".
  std::string rpc_path;
};

// Which method a request is for. Immutable.
class RouteTable {
 public:
  // InvalidArgument when a rule does not parse, names a field there is not, or
  // two rules have the same path and method.
  static absl::StatusOr<RouteTable> Build(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  struct Found {
    const Route* route = nullptr;  // null: nothing here
    PathBindings bindings;
    // Without a route: the methods that this path has, sorted; empty: there is
    // no such path.
    std::vector<std::string> allowed;
  };
  Found Find(std::string_view http_method, const RequestTarget& target) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  void FindAll(const std::vector<std::string>& segments, std::string_view verb,
               std::map<std::string, std::pair<const Route*, PathBindings>>&
                   found) const;

  std::vector<Route> routes_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_ROUTES_H_
