// Paths, queries and rules: what a request's target is taken for.

#include "server/http/routes.h"

#include <filesystem>
#include <set>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "server/http/request_fields.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;

std::string Bindings(const PathBindings& bindings) {
  return absl::StrJoin(bindings, "&", absl::PairFormatter("="));
}

// What `target` gives under `pattern`: bindings, or "no".
std::string MatchOf(const std::string& pattern, const std::string& target) {
  const auto parsed = PathTemplate::Parse(pattern);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  const auto path = ParseTarget(target);
  if (!path.ok()) return "bad";
  const auto bindings = parsed->Match(path->segments, path->verb);
  return bindings.has_value() ? Bindings(*bindings) : "no";
}

TEST(PathTemplateTest, MatchesByTheGrammar) {
  struct Case {
    const char* pattern;
    const char* target;
    const char* want;
  };
  const Case cases[] = {
      {"/v1/sources", "/v1/sources", ""},
      {"/v1/sources", "/v1/sources/", "no"},
      {"/v1/sources", "/v1/Sources", "no"},
      {"/v1/sources", "/v1/sources?pageSize=1", ""},
      {"/v1/{name=sources/*}", "/v1/sources/gd", "name=sources/gd"},
      {"/v1/{name=sources/*}", "/v1/sources/", "no"},
      {"/v1/{name=sources/*}", "/v1/sources/gd/postings", "no"},
      {"/v1/{name=sources/*/postings/*}", "/v1/sources/gd/postings/a%2Fb",
       "name=sources/gd/postings/a/b"},
      {"/v1/{posting.name=sources/*/postings/*}", "/v1/sources/a/postings/1",
       "posting.name=sources/a/postings/1"},
      {"/v1/{parent=sources/*}/postings:sync", "/v1/sources/a/postings:sync",
       "parent=sources/a"},
      {"/v1/{parent=sources/*}/postings:sync", "/v1/sources/a/postings", "no"},
      {"/v1/{parent=sources/*}/postings", "/v1/sources/a/postings:sync", "no"},
      {"/v1/{graduate=graduates/*}:match", "/v1/graduates/g~1:match",
       "graduate=graduates/g~1"},
      {"/v1/{graduate=graduates/*}:match", "/v1/graduates/%E7%8E%8B:match",
       "graduate=graduates/王"},
      {"/v1/{name=operations/**}", "/v1/operations/a/b/c",
       "name=operations/a/b/c"},
      {"/v1/{name=operations/**}", "/v1/operations", "no"},
      {"/v1/{name=operations/**}:cancel", "/v1/operations/a/b:cancel",
       "name=operations/a/b"},
      {"/v1/{id}/x/{to}", "/v1/a/x/b", "id=a&to=b"},
      {"/v1/sources", "/v1/sources/%zz", "bad"},
      {"/v1/sources", "/v1/sources/%E7%8E", "bad"},
      {"/v1/sources", "/v1/sources/%4", "bad"},
      {"/v1/sources", "v1/sources", "bad"},
      {"/v1/sources", "/v1/sources?a=%ff", "bad"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(MatchOf(c.pattern, c.target), c.want)
        << c.pattern << " " << c.target;
  }
}

TEST(PathTemplateTest, RefusesWhatIsNoTemplate) {
  for (const char* text : {"", "v1", "/v1//x", "/v1/{name", "/v1/{name=a/{b}}",
                           "/v1/**/x", "/v1/{name=**}/x"}) {
    EXPECT_FALSE(PathTemplate::Parse(text).ok()) << text;
  }
}

TEST(ParseTargetTest, DecodesTheQueryInOrder) {
  const auto target = ParseTarget("/v1/x?a=1&b=%E5%B9%BF+%2B&a=2&&c");
  ASSERT_TRUE(target.ok());
  EXPECT_THAT(target->query,
              ElementsAre(testing::Pair("a", "1"), testing::Pair("b", "广 +"),
                          testing::Pair("a", "2"), testing::Pair("c", "")));
}

RouteTable Table() {
  auto table = RouteTable::Build(ApiServices());
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

// A service that is added to proto/ must be added to ApiServices too.
TEST(RouteTableTest, HasEveryServiceOfTheFiles) {
  std::set<std::string> files, known;
  for (const auto& entry :
       std::filesystem::directory_iterator("proto/gradmatch/v1")) {
    const std::string name = entry.path().filename();
    if (name.ends_with("_service.proto")) files.insert(name);
  }
  for (const auto* service : ApiServices()) {
    if (service->full_name().starts_with("gradmatch.v1.")) {
      known.insert(std::filesystem::path(service->file()->name()).filename());
    }
  }
  EXPECT_EQ(known, files);
}

TEST(RouteTableTest, EveryMethodIsReachable) {
  const RouteTable table = Table();
  std::set<std::string> reachable;
  for (const Route& route : table.routes()) {
    reachable.insert(route.method->full_name());
    // A path made from its own template leads back to it.
    std::string path;
    for (const PathTemplate::Segment& segment : route.path.segments()) {
      path += "/" + (segment.literal.empty() ? "x" : segment.literal);
    }
    if (!route.path.verb().empty()) path += ":" + route.path.verb();
    const auto target = ParseTarget(path);
    ASSERT_TRUE(target.ok());
    EXPECT_EQ(table.Find(route.http_method, *target).route, &route) << path;
  }
  for (const auto* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string& name = service->method(i)->full_name();
      // It is Google's, and has no rule.
      if (name == "google.longrunning.Operations.WaitOperation") continue;
      EXPECT_TRUE(reachable.contains(name)) << name;
    }
  }
}

TEST(RouteTableTest, TellsMethodsOfAPathFromNoPath) {
  const RouteTable table = Table();
  const auto allowed = [&](const char* path) {
    return table.Find("PUT", *ParseTarget(path)).allowed;
  };
  EXPECT_THAT(allowed("/v1/sources/gd/postings/1"),
              ElementsAre("DELETE", "GET", "PATCH"));
  EXPECT_THAT(allowed("/v1/postings:search"), ElementsAre("POST"));
  EXPECT_THAT(allowed("/v1/nowhere"), ElementsAre());
  EXPECT_THAT(allowed("/"), ElementsAre());
  // A colon in an id is no verb.
  const auto found =
      table.Find("GET", *ParseTarget("/v1/graduates/sha256:abc"));
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(Bindings(found.bindings), "name=graduates/sha256:abc");
}

std::string ErrorOf(const absl::Status& status) {
  return ReasonOf(status) + " " + FieldErrorOf(status).field;
}

TEST(QueryFieldTest, SetsEveryKindOfField) {
  v1::UpdatePostingRequest update;
  ASSERT_TRUE(AddQueryField("updateMask", "title,openings", update).ok());
  ASSERT_TRUE(AddQueryField("allow_missing", "true", update).ok());
  ASSERT_TRUE(AddQueryField("posting.openings", "3", update).ok());
  ASSERT_TRUE(
      AddQueryField("posting.education.minLevel", "bachelor", update).ok());
  ASSERT_TRUE(
      AddQueryField("posting.expireTime", "2026-06-01T00:00:00Z", update).ok());
  EXPECT_EQ(update.update_mask().paths_size(), 2);
  EXPECT_TRUE(update.allow_missing());
  EXPECT_EQ(update.posting().openings(), 3);
  EXPECT_EQ(update.posting().education().min_level(),
            v1::EDUCATION_LEVEL_BACHELOR);
  EXPECT_EQ(update.posting().expire_time().seconds(), 1780272000);

  v1::ListPostingsRequest list;
  ASSERT_TRUE(AddQueryField("states", "STATE_OPEN", list).ok());
  ASSERT_TRUE(AddQueryField("states", "closed", list).ok());
  ASSERT_TRUE(AddQueryField("pageSize", "7", list).ok());
  EXPECT_EQ(list.states_size(), 2);
  EXPECT_EQ(list.states(1), v1::Posting::STATE_CLOSED);
  EXPECT_EQ(list.page_size(), 7);

  v1::SyncBegin begin;
  ASSERT_TRUE(AddQueryField("mode", "INCREMENTAL", begin).ok());
  ASSERT_TRUE(AddQueryField("expectedCount", "9007199254740993", begin).ok());
  EXPECT_EQ(begin.mode(), v1::SYNC_MODE_INCREMENTAL);
  EXPECT_EQ(begin.expected_count(), 9007199254740993);
}

TEST(QueryFieldTest, NamesWhatItRefuses) {
  v1::UpdatePostingRequest update;
  EXPECT_EQ(ErrorOf(AddQueryField("pagesize", "1", update)),
            "FIELD_INVALID pagesize");
  EXPECT_EQ(ErrorOf(AddQueryField("posting.titel", "x", update)),
            "FIELD_INVALID posting.titel");
  EXPECT_EQ(FieldErrorOf(AddQueryField("posting.titel", "x", update)).nearest,
            "title");
  EXPECT_EQ(ErrorOf(AddQueryField("posting.title.x", "x", update)),
            "FIELD_INVALID posting.title.x");
  EXPECT_EQ(ErrorOf(AddQueryField("posting.openings", "3.5", update)),
            "FIELD_INVALID posting.openings");
  EXPECT_EQ(ErrorOf(AddQueryField("posting", "x", update)),
            "FIELD_INVALID posting");
  EXPECT_EQ(ErrorOf(AddQueryField("", "x", update)), "FIELD_INVALID ");
}

TEST(PathFieldTest, AgreesWithTheBodyOrIsRefused) {
  v1::UpdatePostingRequest update;
  ASSERT_TRUE(
      SetPathField("posting.name", "sources/a/postings/1", update).ok());
  EXPECT_EQ(update.posting().name(), "sources/a/postings/1");
  EXPECT_EQ(TextField("posting.name", update), "sources/a/postings/1");
  EXPECT_TRUE(
      SetPathField("posting.name", "sources/a/postings/1", update).ok());
  EXPECT_EQ(
      ErrorOf(SetPathField("posting.name", "sources/b/postings/1", update)),
      "FIELD_INVALID posting.name");
}

}  // namespace
}  // namespace gradmatch
