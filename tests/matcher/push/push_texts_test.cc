#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/push/push_item_builder.h"

namespace gradmatch {
namespace {

struct TitleCase {
  std::string name;
  std::string title;
  std::string want;
};
class ShortTitleTest : public testing::TestWithParam<TitleCase> {};

TEST_P(ShortTitleTest, CutsAtCharacters) {
  EXPECT_EQ(ShortTitle(GetParam().title), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Titles, ShortTitleTest,
    testing::ValuesIn<TitleCase>(
        {{"Empty", "", ""},
         {"Short", "测绘工程师", "测绘工程师"},
         {"JustTwenty", "一二三四五六七八九十一二三四五六七八九十",
          "一二三四五六七八九十一二三四五六七八九十"},
         {"TwentyOne", "一二三四五六七八九十一二三四五六七八九十一",
          "一二三四五六七八九十一二三四五六七八九…"},
         {"Mixed", "Java 开发工程师（校招）2026 届毕业生",
          "Java 开发工程师（校招）2026…"},
         {"OutsideThePlane", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷",
          "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷…"}}),
    [](const auto& info) { return info.param.name; });

TEST(PushIdTest, DependsOnRunGraduateAndCanonicalPosting) {
  const std::string graduate(16, 'g');
  const std::string id = PushIdOf("r1", graduate, "s/p");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(PushIdOf("r1", graduate, "s/p"), id);
  std::set<std::string> ids = {id, PushIdOf("r2", graduate, "s/p"),
                               PushIdOf("r1", std::string(16, 'h'), "s/p"),
                               PushIdOf("r1", graduate, "s/q")};
  EXPECT_EQ(ids.size(), 4u);
}

// Receivers keep these: they never change for the same item.
TEST(PushIdTest, IsPinned) {
  EXPECT_EQ(PushIdOf("2026-11-22-nightly", "0123456789abcdef", "hubei/p-1"),
            "01bfb04789d018aa87aee1ec1225614a");
}

}  // namespace
}  // namespace gradmatch
