#include "index/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/file_system.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// The bytes are on disks; older and newer programs read them.
constexpr char kText[] =
    "format_version: 1\n"
    "least_reader_version: 1\n"
    "created_by: gradmatch 0.1.0\n"
    "created_at: 2023-11-14T22:13:20Z\n";

// What a new folder gets.
constexpr char kCurrentText[] =
    "format_version: 3\n"
    "least_reader_version: 3\n"
    "created_by: gradmatch 0.1.0\n"
    "created_at: 2023-11-14T22:13:20Z\n";

TEST(FormatTest, TextStaysAsItWas) {
  EXPECT_EQ(SerializeFormat({.format_version = 1,
                             .least_reader_version = 1,
                             .created_by = "gradmatch 0.1.0",
                             .created_at = kNow}),
            kText);
}

TEST(FormatTest, ReadsBackAndIgnoresWhatItDoesNotKnow) {
  const auto format = ParseFormat(std::string(kText) + "colour: red\n\n");
  ASSERT_TRUE(format.ok()) << format.status();
  EXPECT_EQ(SerializeFormat(*format), kText);
}

struct BadCase {
  std::string name;
  std::string text;
  std::string field;
};
class BadFormatTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadFormatTest, NamesTheField) {
  const absl::Status s = ParseFormat(GetParam().text).status();
  EXPECT_TRUE(absl::IsDataLoss(s)) << s;
  EXPECT_THAT(std::string(s.message()), HasSubstr(GetParam().field));
}
INSTANTIATE_TEST_SUITE_P(
    Texts, BadFormatTest,
    testing::ValuesIn<BadCase>({
        {"Empty", "", "format_version"},
        {"NoNumber", "format_version: one\n", "format_version"},
        {"Zero", "format_version: 0\n", "format_version"},
        {"NoReader", "format_version: 1\n", "least_reader_version"},
        {"NoTime", "format_version: 1\nleast_reader_version: 1\n",
         "created_at"},
        {"BadTime",
         "format_version: 1\nleast_reader_version: 1\ncreated_at: today\n",
         "created_at"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FormatTest, ANewerFolderIsRefusedWithBothVersions) {
  const absl::Status s =
      CheckReadable({.format_version = 9, .least_reader_version = 7}, 3);
  EXPECT_TRUE(absl::IsFailedPrecondition(s));
  EXPECT_THAT(std::string(s.message()),
              AllOf(HasSubstr("format 9"), HasSubstr("version 7"),
                    HasSubstr("up to 3"), HasSubstr("install")));
  // A newer format that this program may read is read.
  EXPECT_TRUE(
      CheckReadable({.format_version = 9, .least_reader_version = 3}, 3).ok());
}

TEST(OpenFormatTest, MakesAMissingFolderADataFolderOnce) {
  TempFolder temp;
  const std::string folder = temp / "a/b";
  const auto made = OpenFormat(folder, true, "gradmatch 0.1.0", kNow);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->created);
  EXPECT_EQ(*ReadFile(folder + "/FORMAT"), kCurrentText);
  const auto again = OpenFormat(folder, true, "other", kNow + absl::Hours(1));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->format.created_by, "gradmatch 0.1.0");
  EXPECT_EQ(again->format.created_at, kNow);
}

TEST(OpenFormatTest, AnOlderFolderIsOpenedAsItIsAndUpgradedWhenAsked) {
  TempFolder temp;
  ASSERT_TRUE(WriteFileDurably(temp / "FORMAT", kText).ok());
  auto opened = OpenFormat(temp.path(), true, "other", kNow);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->format.format_version, 1);
  EXPECT_EQ(*ReadFile(temp / "FORMAT"), kText) << "opening changes nothing";
  ASSERT_TRUE(UpgradeFormat(temp.path(), opened->format).ok());
  EXPECT_EQ(*ReadFile(temp / "FORMAT"), kCurrentText);
  ASSERT_TRUE(WriteFileDurably(temp / "FORMAT",
                               "format_version: 9\n"
                               "least_reader_version: 2\n"
                               "created_at: "
                               "2023-11-14T22:13:20Z\n")
                  .ok());
  opened = OpenFormat(temp.path(), true, "other", kNow);
  ASSERT_TRUE(UpgradeFormat(temp.path(), opened->format).ok());
  EXPECT_THAT(*ReadFile(temp / "FORMAT"), HasSubstr("format_version: 9"));
}

TEST(OpenFormatTest, AnEmptyFolderIsNotFoundUnlessItMayBeMade) {
  TempFolder temp;
  EXPECT_TRUE(absl::IsNotFound(
      OpenFormat(temp.path(), false, "gradmatch", kNow).status()));
  EXPECT_TRUE(ListFolder(temp.path())->empty());
}

TEST(OpenFormatTest, AFolderOfOthersIsRefusedUntouched) {
  TempFolder temp;
  ASSERT_TRUE(WriteFileDurably(temp / "thesis.txt", "x").ok());
  const absl::Status s =
      OpenFormat(temp.path(), true, "gradmatch", kNow).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(s));
  EXPECT_THAT(std::string(s.message()), HasSubstr("thesis.txt"));
  EXPECT_THAT(*ListFolder(temp.path()), testing::ElementsAre("thesis.txt"));
}

TEST(OpenFormatTest, ABrokenOffCreationIsFinished) {
  TempFolder temp;
  ASSERT_TRUE(WriteFileDurably(temp / "FORMAT.tmp", "form").ok());
  EXPECT_TRUE(OpenFormat(temp.path(), true, "gradmatch", kNow)->created);
}

}  // namespace
}  // namespace gradmatch
