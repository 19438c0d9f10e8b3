#include <string>

#include "gradmatch/v1/posting_service.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/pseudonym.h"
#include "server/page_token.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

PageTokens MakeTokens(char secret) {
  auto pseudonyms = std::make_shared<Pseudonymizer>(
      Pseudonymizer::FromSecret(std::string(kSecretBytes, secret)));
  return PageTokens(
      [pseudonyms](std::string_view bytes) { return pseudonyms->Of(bytes); });
}

v1::ListPostingsRequest Request(const std::string& parent,
                                const std::string& token) {
  v1::ListPostingsRequest request;
  request.set_parent(parent);
  request.set_page_token(token);
  return request;
}

TEST(PageTokenTest, OwnTokenComesBackAlsoWithAnotherPageSize) {
  const PageTokens tokens = MakeTokens('a');
  const std::string token = tokens.Make("M", Request("sources/a", ""), "k\0/1");
  v1::ListPostingsRequest next = Request("sources/a", token);
  next.set_page_size(7);
  const auto cursor = tokens.Read("M", next);
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  EXPECT_EQ(*cursor, "k\0/1");
  EXPECT_EQ(*tokens.Read("M", Request("sources/a", "")), "");
}

TEST(PageTokenTest, OtherTokensAreRefused) {
  const PageTokens tokens = MakeTokens('a');
  const std::string good = tokens.Make("M", Request("sources/a", ""), "cursor");
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  const struct {
    std::string name, method, parent, token;
  } cases[] = {
      {"made up", "M", "sources/a", "MTIz"},
      {"not base64", "M", "sources/a", "%%%"},
      {"short", "M", "sources/a", "QQ"},
      {"very long", "M", "sources/a", std::string(100'000, 'A')},
      {"one character changed", "M", "sources/a", flipped},
      {"cut", "M", "sources/a", good.substr(0, good.size() - 2)},
      {"with a blank", "M", "sources/a", good + " "},
      {"of another list", "M", "sources/b", good},
      {"of another method", "N", "sources/a", good},
      {"of another folder", "M", "sources/a",
       MakeTokens('b').Make("M", Request("sources/a", ""), "cursor")},
      {"a token for another purpose", "M", "sources/a",
       tokens.Seal("attribution", "cursor")},
  };
  for (const auto& c : cases) {
    const auto cursor = tokens.Read(c.method, Request(c.parent, c.token));
    EXPECT_EQ(ReasonOf(cursor.status()), kPageTokenInvalid) << c.name;
    EXPECT_EQ(FieldErrorOf(cursor.status()).field, "page_token") << c.name;
  }
}

TEST(PageSizeTest, FollowsAip158) {
  EXPECT_EQ(*PageSize(0, 50, 1'000), 50);
  EXPECT_EQ(*PageSize(7, 50, 1'000), 7);
  EXPECT_EQ(*PageSize(1'001, 50, 1'000), 1'000);
  EXPECT_EQ(ReasonOf(PageSize(-1, 50, 1'000).status()), kFieldOutOfRange);
}

TEST(ResourceNameTest, ReadsIds) {
  EXPECT_EQ(ParsePostingName("name", "sources/gd/postings/A-1")->posting,
            "A-1");
  EXPECT_EQ(*ParseSourceName("name", "sources/gd"), "gd");
  EXPECT_EQ(*ParseSourceParent("parent", "sources/-"), "");
  EXPECT_EQ(*ParseGraduateName("name", "graduates/g.1"), "g.1");
  EXPECT_EQ(ParseResourceName("n", "pushRuns/{run}/items/{item}",
                              "pushRuns/r/items/3")
                ->at(1),
            "3");
}

TEST(ResourceNameTest, RefusesTheRest) {
  for (const char* name :
       {"sources/gd/postings/", "sources//postings/a", "sources/gd/posting/a",
        "/sources/gd/postings/a", "sources/gd/postings/a/b", "gd/a",
        "sources/gd/postings/有中文", "sources/gd/postings/a b"}) {
    const auto parsed = ParsePostingName("posting.name", name);
    EXPECT_EQ(ReasonOf(parsed.status()), kNameInvalid) << name;
    EXPECT_EQ(FieldErrorOf(parsed.status()).field, "posting.name");
  }
  EXPECT_EQ(ReasonOf(ParsePostingName("name", "").status()), kFieldMissing);
  EXPECT_FALSE(
      ParseGraduateName("name", "graduates/" + std::string(65, 'a')).ok());
}

TEST(ResourceNameTest, IdsOfNewRecords) {
  EXPECT_TRUE(IsValidSourceId("gd-jobs-1"));
  for (const char* id : {"", "-a", "a-", "A", "a.b", "a_b"}) {
    EXPECT_FALSE(IsValidSourceId(id)) << id;
  }
  EXPECT_TRUE(IsValidSourceId(std::string(63, 'a')));
  EXPECT_FALSE(IsValidSourceId(std::string(64, 'a')));
  EXPECT_TRUE(IsValidGraduateId("0.a~_-"));
  for (const char* id : {"", "-a", ".a", "~a", "张三"}) {
    EXPECT_FALSE(IsValidGraduateId(id)) << id;
  }
}

}  // namespace
}  // namespace gradmatch
