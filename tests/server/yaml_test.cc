#include "server/yaml.h"

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

TEST(YamlTest, ReadsMapsListsAndScalarsWithLines) {
  const auto root = ParseYaml(
      "a: 1\n"
      "b:\n"
      "  - x\n"
      "  - \"007\"\n"
      "c: {d: ~}\n");
  ASSERT_TRUE(root.ok()) << root.status();
  ASSERT_EQ(root->kind, YamlNode::Kind::kMap);
  EXPECT_EQ(root->Find("a")->scalar, "1");
  EXPECT_FALSE(root->Find("a")->quoted);
  const YamlNode& list = *root->Find("b");
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[1].scalar, "007");
  EXPECT_TRUE(list.items[1].quoted);
  EXPECT_EQ(list.items[1].line, 4);
  EXPECT_EQ(root->Find("c")->Find("d")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root->Find("nothing"), nullptr);
}

TEST(YamlTest, EmptyTextIsNull) {
  const auto root = ParseYaml("");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->kind, YamlNode::Kind::kNull);
}

TEST(YamlTest, RefusesWhatCouldSurprise) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const std::pair<std::string, std::string> cases[] = {
      {"a: 1\nb: 2\na: 3\n", "line 3"},     // a key twice
      {"a: &x 1\nb: *x\n", "line 2"},       // an alias
      {"? [1]\n: 2\n", "line 1"},           // a list as a key
      {"a: [1\n", "line"},                  // not closed
      {deep, "levels"},                     // too deep
      {"a: 1\n---\nb: 2\n", "document"},    // two documents
      {std::string(2 << 20, ' '), "bytes"}  // too large
  };
  for (const auto& [text, part] : cases) {
    const auto root = ParseYaml(text);
    EXPECT_EQ(root.status().code(), absl::StatusCode::kInvalidArgument)
        << text.substr(0, 40);
    EXPECT_NE(std::string(root.status().message()).find(part),
              std::string::npos)
        << root.status();
  }
}

}  // namespace
}  // namespace gradmatch
