#include "tools/api_pages/openapi_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "server/http/json_codec.h"
#include "server/http/routes.h"
#include "tools/api_pages/json_out.h"
#include "tools/api_pages/schema_writer.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kAbout[] =
    "Matching and push of job postings for graduates, over HTTP/JSON. "
    "The same methods as gRPC's gradmatch.v1, by the rules of google.api.http. "
    "JSON is protobuf's: int64 are strings, enums are names, fields at their "
    "default are left out, unknown fields are refused. Errors are "
    "google.rpc.Status; every reason is explained at /errors. Streams are "
    "lines "
    "of JSON (application/x-ndjson).";

std::string Singular(const std::string& collection) {
  if (absl::EndsWith(collection, "xes")) {
    return collection.substr(0, collection.size() - 2);
  }
  if (absl::EndsWith(collection, "s")) {
    return collection.substr(0, collection.size() - 1);
  }
  return collection;
}

struct OpenApiPath {
  std::string path;  // "/v1/sources/{source}/postings:sync"
  std::vector<std::string> parameters;
};

// Each wildcard is named after the collection before it.
OpenApiPath PathOf(const PathTemplate& path) {
  OpenApiPath out;
  std::string before;
  for (const PathTemplate::Segment& segment : path.segments()) {
    if (segment.literal.empty()) {
      out.parameters.push_back(Singular(before));
      absl::StrAppend(&out.path, "/{", out.parameters.back(), "}");
    } else {
      absl::StrAppend(&out.path, "/", segment.literal);
      before = segment.literal;
    }
  }
  if (!path.verb().empty()) absl::StrAppend(&out.path, ":", path.verb());
  return out;
}

class Writer {
 public:
  explicit Writer(const RouteTable& routes) : routes_(routes) {}

  std::string Write(const std::vector<const ServiceDescriptor*>& services) {
    out_.OpenObject();
    out_.Text("openapi", "3.0.3");
    out_.OpenObject("info");
    out_.Text("title", "GradMatch");
    out_.Text("version", "v1");
    out_.Text("description", kAbout);
    out_.CloseObject();
    out_.OpenArray("servers");
    out_.OpenObject();
    out_.Text("url", "http://127.0.0.1:8080");
    out_.CloseObject();
    out_.CloseArray();
    out_.OpenArray("tags");
    for (const ServiceDescriptor* service : services) {
      out_.OpenObject();
      out_.Text("name", service->name());
      out_.Text("description", CommentOf(*service));
      out_.CloseObject();
    }
    out_.CloseArray();
    Paths();
    Components();
    out_.CloseObject();
    return out_.Take();
  }

 private:
  void Paths() {
    std::map<std::string, std::vector<const Route*>> by_path;
    for (const Route& route : routes_.routes()) {
      by_path[PathOf(route.path).path].push_back(&route);
    }
    out_.OpenObject("paths");
    for (auto& [path, routes] : by_path) {
      out_.OpenObject(path);
      std::sort(routes.begin(), routes.end(),
                [](const Route* a, const Route* b) {
                  return a->http_method < b->http_method;
                });
      for (const Route* route : routes) Operation(*route);
      out_.CloseObject();
    }
    out_.CloseObject();
  }

  void Operation(const Route& route) {
    const MethodDescriptor& method = *route.method;
    out_.OpenObject(absl::AsciiStrToLower(route.http_method));
    out_.Text("operationId",
              absl::StrCat(method.service()->name(), "_", method.name()));
    out_.OpenArray("tags");
    out_.Text("", method.service()->name());
    out_.CloseArray();
    out_.Text("description", CommentOf(method));
    out_.OpenArray("parameters");
    for (const std::string& name : PathOf(route.path).parameters) {
      out_.OpenObject();
      out_.Text("name", name);
      out_.Text("in", "path");
      out_.Bool("required", true);
      out_.OpenObject("schema");
      out_.Text("type", "string");
      out_.CloseObject();
      out_.CloseObject();
    }
    QueryParameters(route);
    out_.CloseArray();
    Body(route);
    Responses(method);
    out_.CloseObject();
  }

  static bool IsSync(const Route& route) {
    return route.method->client_streaming();
  }

  // A sync's query fills its begin; else the request, without what the path and
  // the body give.
  void QueryParameters(const Route& route) {
    if (route.body == "*") return;
    const Descriptor* request = route.method->input_type();
    std::string prefix;
    if (IsSync(route)) {
      request = request->FindFieldByName("begin")->message_type();
      prefix = "begin.";
    }
    const std::vector<std::string> bound = route.path.Variables();
    for (int i = 0; i < request->field_count(); ++i) {
      const FieldDescriptor& field = *request->field(i);
      const std::string name = absl::StrCat(prefix, field.name());
      if (std::find(bound.begin(), bound.end(), name) != bound.end() ||
          field.name() == route.body) {
        continue;
      }
      out_.OpenObject();
      out_.Text("name", field.json_name());
      out_.Text("in", "query");
      const std::string about = CommentOf(field);
      if (!about.empty()) out_.Text("description", about);
      out_.OpenObject("schema");
      schemas_.Field(field);
      out_.CloseObject();
      out_.CloseObject();
    }
  }

  void Body(const Route& route) {
    if (route.body.empty()) return;
    const Descriptor* type = route.method->input_type();
    if (route.body != "*") {
      type = type->FindFieldByName(route.body)->message_type();
    }
    out_.OpenObject("requestBody");
    if (IsSync(route)) {
      out_.Text("description",
                "A row a line; a line may be the resource itself instead. The "
                "end of the body commits.");
    }
    out_.OpenObject("content");
    out_.OpenObject(IsSync(route) ? "application/x-ndjson"
                                  : "application/json");
    Schema(*type);
    out_.CloseObject();
    out_.CloseObject();
    out_.CloseObject();
  }

  void Responses(const MethodDescriptor& method) {
    out_.OpenObject("responses");
    out_.OpenObject("200");
    const bool lines = method.server_streaming();
    out_.Text("description",
              method.client_streaming()
                  ? "A result a line as rows are stored, then {\"committed\": "
                    "counts}; or {\"error\": google.rpc.Status} as the last "
                    "line."
              : lines
                  ? "A message a line; or {\"error\": google.rpc.Status} as "
                    "the last line."
                  : "OK");
    out_.OpenObject("content");
    out_.OpenObject(lines ? "application/x-ndjson" : "application/json");
    Schema(method.client_streaming() ? *ResultOf(*method.output_type())
                                     : *method.output_type());
    out_.CloseObject();
    out_.CloseObject();
    out_.CloseObject();
    out_.OpenObject("default");
    out_.Text("$ref", "#/components/responses/Error");
    out_.CloseObject();
    out_.CloseObject();
  }

  // SyncRowResult.
  static const Descriptor* ResultOf(const Descriptor& response) {
    return response.FindFieldByName("results")
        ->message_type()
        ->FindFieldByName("results")
        ->message_type();
  }

  void Schema(const Descriptor& type) {
    out_.OpenObject("schema");
    schemas_.Message(type);
    out_.CloseObject();
  }

  void Components() {
    const DescriptorPool& pool =
        *routes_.routes().front().method->file()->pool();
    out_.OpenObject("components");
    out_.OpenObject("responses");
    out_.OpenObject("Error");
    out_.Text("description",
              "google.rpc.Status; its details have a google.rpc.ErrorInfo with "
              "the reason.");
    out_.OpenObject("content");
    out_.OpenObject("application/json");
    Schema(*pool.FindMessageTypeByName("google.rpc.Status"));
    out_.CloseObject();
    out_.CloseObject();
    out_.CloseObject();
    out_.CloseObject();
    out_.OpenObject("schemas");
    schemas_.WriteReferred();
    out_.CloseObject();
    out_.CloseObject();
  }

  const RouteTable& routes_;
  JsonOut out_;
  SchemaWriter schemas_{out_};
};

}  // namespace

absl::StatusOr<std::string> WriteOpenApi(
    const google::protobuf::FileDescriptorSet& files) {
  DescriptorPool pool;
  std::vector<const ServiceDescriptor*> services;
  for (const google::protobuf::FileDescriptorProto& proto : files.file()) {
    const google::protobuf::FileDescriptor* file = pool.BuildFile(proto);
    if (file == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("descriptors of ", proto.name(), " do not fit"));
    }
    for (int i = 0; i < file->service_count(); ++i) {
      services.push_back(file->service(i));
    }
  }
  std::sort(services.begin(), services.end(),
            [](const ServiceDescriptor* a, const ServiceDescriptor* b) {
              return a->full_name() < b->full_name();
            });
  const absl::StatusOr<RouteTable> routes = RouteTable::Build(services);
  if (!routes.ok()) return routes.status();
  return Writer(*routes).Write(services);
}

}  // namespace gradmatch
