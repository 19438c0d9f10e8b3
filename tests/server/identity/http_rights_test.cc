// Rights over HTTP: every route for nobody and for whom it is not, and the
// pages beside the API.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/http/json_codec.h"
#include "server/http/routes.h"
#include "server/identity/access_rules.h"
#include "tests/server/http/http_client.h"
#include "tests/server/identity/identity_world.h"

namespace gradmatch {
namespace {

const RouteTable& Routes() {
  static const RouteTable* const table =
      new RouteTable(RouteTable::Build(ApiServices()).value());
  return *table;
}

// "403 TENANT_DENIED".
std::string Summarise(const HttpClient::Response& response) {
  std::string out = absl::StrCat(response.status);
  google::rpc::Status status;
  if (response.status < 400 || !JsonToMessage(response.body, "", status).ok()) {
    return out;
  }
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info)) absl::StrAppend(&out, " ", info.reason());
  }
  return out;
}

class HttpRightsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new IdentityWorld(); }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  HttpClient::Response Get(const std::string& target,
                           const std::string& bearer) {
    HttpClient client(world_->server().server().http_port());
    std::vector<std::string> headers;
    if (!bearer.empty()) headers.push_back("Authorization: Bearer " + bearer);
    return client.Call("GET", target, "", headers);
  }

  // A call of the route with names that may be anything: who has no right is
  // refused before they are looked at.
  std::string Try(const Route& route, const std::string& bearer) {
    std::string target = route.path.text();
    for (size_t begin; (begin = target.find('{')) != std::string::npos;) {
      const size_t equals = target.find('=', begin);
      const size_t end = target.find('}', begin);
      target = absl::StrCat(target.substr(0, begin),
                            target.substr(equals + 1, end - equals - 1),
                            target.substr(end + 1));
    }
    for (size_t star; (star = target.find('*')) != std::string::npos;) {
      target.replace(star, 1, "x-1");
    }
    std::vector<std::string> headers = {
        route.method->client_streaming() ? "Content-Type: application/x-ndjson"
                                         : "Content-Type: application/json"};
    if (!bearer.empty()) headers.push_back("Authorization: Bearer " + bearer);
    HttpClient client(world_->server().server().http_port());
    return Summarise(client.Call(route.http_method, target,
                                 route.body.empty() ? "" : "{}", headers));
  }

  static IdentityWorld* world_;
};
IdentityWorld* HttpRightsTest::world_ = nullptr;

TEST_F(HttpRightsTest, EveryRouteIsClosedToNobodyAndToTheWrongRole) {
  int routes = 0;
  for (const Route& route : Routes().routes()) {
    const std::string name = absl::StrCat(route.method->service()->name(), ".",
                                          route.method->name());
    EXPECT_EQ(Try(route, ""), "401 TOKEN_MISSING") << name;
    EXPECT_EQ(Try(route, "gm_nobody_" + std::string(64, '0')),
              "401 TOKEN_INVALID")
        << name;
    const Caller viewer{.principal = "x", .role = CallerRole::kViewer};
    if (!CheckRole(viewer, name).ok()) {
      EXPECT_EQ(Try(route, world_->Bearer("viewer")), "403 PERMISSION_DENIED")
          << name;
    }
    ++routes;
  }
  EXPECT_GT(routes, 80);
}

TEST_F(HttpRightsTest, ASourceReadsItsOwnAndNoOther) {
  const std::string own = world_->Bearer("source");
  EXPECT_EQ(Summarise(Get("/v1/sources/gd/postings/A-1", own)), "200");
  EXPECT_EQ(Summarise(Get("/v1/sources/other/postings", own)),
            "403 TENANT_DENIED");
  EXPECT_EQ(Summarise(Get("/v1/sources/-/quarantineEntries", own)),
            "403 TENANT_DENIED");
  const auto list = Get("/v1/sources", own);
  EXPECT_EQ(list.status, 200);
  EXPECT_NE(list.body.find("sources/gd"), std::string::npos);
  EXPECT_EQ(list.body.find("sources/other"), std::string::npos);
}

TEST_F(HttpRightsTest, ASyncIsHeldToTheSameRules) {
  HttpClient client(world_->server().server().http_port());
  const auto sync = [&](const std::string& source, const std::string& bearer) {
    return Summarise(client.Call(
        "POST", absl::StrCat("/v1/sources/", source, "/postings:sync"), "",
        {"Content-Type: application/x-ndjson",
         "Authorization: Bearer " + bearer}));
  };
  EXPECT_EQ(sync("gd", world_->Bearer("source")), "200");
  EXPECT_EQ(sync("gd", world_->Bearer("other source")), "403 TENANT_DENIED");
  EXPECT_EQ(sync("gd", world_->Bearer("viewer")), "403 PERMISSION_DENIED");
}

// The headers by which the listener itself is known do not come from outside.
TEST_F(HttpRightsTest, NoOtherHeaderBecomesMetadata) {
  HttpClient client(world_->server().server().http_port());
  EXPECT_EQ(Summarise(client.Call(
                "GET", "/v1/sources/gd", "",
                {"X-Gradmatch-Hop: x",
                 "X-Gradmatch-Hop-San: spiffe://gradmatch/operator"})),
            "401 TOKEN_MISSING");
  EXPECT_EQ(Summarise(client.Call("GET", "/v1/sources/gd", "",
                                  {"Authorization: \x01\xff"})),
            "401 TOKEN_INVALID");
}

TEST_F(HttpRightsTest, PagesAreOpenButForFigures) {
  for (const char* page : {"/healthz", "/readyz", "/openapi.json", "/errors"}) {
    EXPECT_EQ(Get(page, "").status, 200) << page;
  }
  EXPECT_EQ(Summarise(Get("/metrics", "")), "401 TOKEN_MISSING");
  EXPECT_EQ(Summarise(Get("/metrics", world_->Bearer("source"))),
            "403 PERMISSION_DENIED");
  const auto metrics = Get("/metrics", world_->Bearer("viewer"));
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("gradmatch_rpc_unauthenticated_total"),
            std::string::npos);
}

}  // namespace
}  // namespace gradmatch
